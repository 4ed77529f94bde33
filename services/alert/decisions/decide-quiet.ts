// Quiet hours: when a message may go out. Local time of the wearer; from and to may span midnight; the same time twice means never quiet.
import type { QuietHours } from '../../../schemas/alert-rules.ts';
import { wallClockMs } from './decide-local-time.ts';

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** `nowMs` when nothing is quiet, else the end of the quiet hours. */
export function quietUntilMs(quiet: QuietHours | null, offset: (atMs: number) => number, nowMs: number): number {
  if (!quiet) return nowMs;
  const from = minutesOf(quiet.from);
  const to = minutesOf(quiet.to);
  const local = new Date(nowMs + offset(nowMs) * 60_000);
  const now = local.getUTCHours() * 60 + local.getUTCMinutes();
  const isQuiet = from <= to ? now >= from && now < to : now >= from || now < to;
  if (!isQuiet) return nowMs;
  return wallClockMs(offset, nowMs, { minutesOfDay: to, daysLater: now < to ? 0 : 1 });
}
