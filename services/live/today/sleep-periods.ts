// Which sleep is which. Oura sends several sleep documents a day: the main sleep is the `long_sleep` with the longest total, a split night has
// more than one, the rest are naps. What the person deleted or rejected (`deleted`, `rest`) is no sleep at all.
// A sleep without a type is a night when it lasted three hours or still lasts, as Oura itself counts.
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import type { Provisional, SleepPeriod } from './model.ts';
import { toReading } from './readings.ts';

const nightAtLeastS = 3 * 3600;
export const settlesAfterMs = 30 * 60_000;

/** All points of one sleep document that are not series. */
export interface SleepDocument {
  document: string;
  day: string;
  session: StoredPoint;
  values: ReadonlyMap<string, StoredPoint>;
}

export function sleepDocuments(points: readonly StoredPoint[]): SleepDocument[] {
  const grouped = new Map<string, Map<string, StoredPoint>>();
  for (const point of points) {
    if (point.resource !== 'sleep' || !point.aggregation.startsWith('session')) continue;
    const values = grouped.get(point.document) ?? new Map<string, StoredPoint>();
    values.set(point.metric, point);
    grouped.set(point.document, values);
  }
  return [...grouped].flatMap(([document, values]) => {
    const session = values.get('sleep_session');
    return session?.day ? [{ document, day: session.day, session, values }] : [];
  });
}

const durationS = (sleep: SleepDocument): number => sleep.values.get('sleep_duration')?.value ?? 0;

export function isNight(sleep: SleepDocument): boolean {
  const { text, end } = sleep.session;
  if (text === 'long_sleep') return true;
  return text === null && (end === null || durationS(sleep) >= nightAtLeastS);
}

const isSleep = (sleep: SleepDocument): boolean => sleep.session.text !== 'deleted' && sleep.session.text !== 'rest';
const byStart = (a: SleepDocument, b: SleepDocument): number =>
  Date.parse(a.session.start) - Date.parse(b.session.start);

/** The main sleep of each day. */
export function mainSleeps(sleeps: readonly SleepDocument[]): Map<string, SleepDocument> {
  const mains = new Map<string, SleepDocument>();
  for (const sleep of [...sleeps].sort(byStart)) {
    const held = mains.get(sleep.day);
    if (isNight(sleep) && (!held || durationS(sleep) > durationS(held))) mains.set(sleep.day, sleep);
  }
  return mains;
}

/** The other sleeps of a day: parts of a split night first, then naps, each in order of time. */
export function otherSleeps(
  sleeps: readonly SleepDocument[],
  main: SleepDocument | undefined,
  day: string,
): SleepDocument[] {
  const others = sleeps.filter((sleep) => sleep.day === day && sleep.document !== main?.document && isSleep(sleep));
  return others.sort((a, b) => Number(isNight(b)) - Number(isNight(a)) || byStart(a, b));
}

export function provisionalOf(sleep: SleepDocument, nowMs: number): Provisional | null {
  if (sleep.session.end === null) return { reason: 'in_progress', until: null };
  const settledMs = Date.parse(sleep.session.firstSeen) + settlesAfterMs;
  return nowMs < settledMs ? { reason: 'settling', until: new Date(settledMs).toISOString() } : null;
}

export function toSleepPeriod(sleep: SleepDocument, nowMs: number): SleepPeriod {
  const duration = sleep.values.get('sleep_duration');
  return {
    document: sleep.document,
    version: sleep.session.version,
    kind: isNight(sleep) ? 'night' : 'nap',
    start: sleep.session.start,
    end: sleep.session.end,
    known_at: sleep.session.firstSeen,
    duration: duration ? toReading(duration) : null,
    algorithm: sleep.session.algorithm,
    provisional: provisionalOf(sleep, nowMs),
  };
}
