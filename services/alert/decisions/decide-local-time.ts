// The wearer's clock. Oura names no time zone, only an offset with sleep, activity, workouts and sessions; the newest of them tells it. At home, where
// that offset is the one the configured zone had then, the zone decides, so both changes to and from summer time come out right.
import { parseOffsetTime } from '../../../schemas/metrics/offset-time.ts';
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
    const time = parseOffsetTime(start);
    if (!time || time.offsetMinutes === null) continue;
    if (!newest || time.ms > newest.atMs) newest = { minutes: time.offsetMinutes, atMs: time.ms };
  }
  return newest;
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
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
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
