// The wearer's clock. Oura names no time zone, only an offset with sleep, activity, workouts and sessions; the newest of them tells it. At home, where
// that offset is the one the configured zone had then, the zone decides, so both changes to and from summer time come out right.
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';

const minuteMs = 60_000;

export interface KnownOffset {
  minutes: number;
  /** The instant it was seen at. */
  atMs: number;
}

/** Everything else is in UTC, whatever the wearer's zone. */
const withOffset: readonly string[] = ['sleep', 'daily_activity', 'workout', 'session'];

/** The newer of what was known and what the message tells. */
export function newestOffset(known: KnownOffset | undefined, message: MetricsMessage): KnownOffset | undefined {
  if (!withOffset.includes(message.resource)) return known;
  let newest = known;
  for (const { start } of [...message.points, ...message.series]) {
    if (start.length === 10) continue;
    const atMs = Date.parse(start);
    if (!newest || atMs > newest.atMs) newest = { minutes: writtenOffset(start), atMs };
  }
  return newest;
}

function writtenOffset(instant: string): number {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(instant);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes east of UTC in an IANA zone at an instant. */
export function zoneOffset(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  return name === 'GMT' ? 0 : writtenOffset(name);
}

/** The wearer's offset at any instant. */
export function offsetAt(known: KnownOffset | undefined, zone: string, atMs: number): number {
  const isAway = known !== undefined && zoneOffset(zone, known.atMs) !== known.minutes;
  return isAway ? known.minutes : zoneOffset(zone, atMs);
}

/** The instant of a wall-clock time on the day of `nearMs`, some days later. In a gap it is the instant after the gap. */
export function wallClockMs(
  offset: (atMs: number) => number,
  nearMs: number,
  { minutesOfDay, daysLater }: { minutesOfDay: number; daysLater: number },
): number {
  const localMs = nearMs + offset(nearMs) * minuteMs;
  const wallMs = Math.floor(localMs / 86_400_000 + daysLater) * 86_400_000 + minutesOfDay * minuteMs;
  const guessMs = wallMs - offset(nearMs) * minuteMs;
  return wallMs - offset(guessMs) * minuteMs;
}
