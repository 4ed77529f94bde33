// One night as the page shows it: which sleep was the main one, what else belongs to the day, its curves and its numbers beside the usual
// ranges of the main sleeps of 28 nights. A day without a night has `main: null`, and no other night takes its place.
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import type { Measure, Night, SleepChart } from './model.ts';
import { nightMetrics } from './page-metrics.ts';
import { measureOf } from './readings.ts';
import { sleepChartOf } from './sleep-chart.ts';
import {
  mainSleeps,
  otherSleeps,
  provisionalOf,
  type SleepDocument,
  sleepDocuments,
  toSleepPeriod,
} from './sleep-periods.ts';

export interface Sleeps {
  all: readonly SleepDocument[];
  mains: ReadonlyMap<string, SleepDocument>;
}

export function readSleeps(daily: readonly StoredPoint[]): Sleeps {
  const all = sleepDocuments(daily);
  return { all, mains: mainSleeps(all) };
}

/** One metric of the main sleep of each day. */
export function mainSleepValues({ mains }: Sleeps, metric: string): Map<string, StoredPoint> {
  const values = new Map<string, StoredPoint>();
  for (const [day, sleep] of mains) {
    const point = sleep.values.get(metric);
    if (point) values.set(day, point);
  }
  return values;
}

export const isSettled = ({ mains }: Sleeps, day: string, nowMs: number): boolean => {
  const main = mains.get(day);
  return main !== undefined && provisionalOf(main, nowMs) === null;
};

export interface NightInput {
  sleeps: Sleeps;
  day: string;
  /** Points of the stages, heart rate and HRV of that day's sleeps. */
  curves: readonly StoredPoint[];
  nowMs: number;
}

export function nightOf({ sleeps, day, curves, nowMs }: NightInput): Night {
  const main = sleeps.mains.get(day);
  const others = otherSleeps(sleeps.all, main, day).map((sleep) => toSleepPeriod(sleep, nowMs));
  const judged = isSettled(sleeps, day, nowMs);
  const nights = [...sleeps.mains.keys()].sort();
  return {
    day,
    utc_offset_minutes: main?.session.utcOffsetMinutes ?? null,
    main: main ? toSleepPeriod(main, nowMs) : null,
    others,
    charts: chartsOf(main, others, curves),
    measures: nightMetrics.map(
      ({ key, metric }): Measure => measureOf(key, day, mainSleepValues(sleeps, metric), { judged }),
    ),
    previous_day: nights.filter((known) => known < day).at(-1) ?? null,
    next_day: nights.find((known) => known > day) ?? null,
  };
}

function chartsOf(
  main: SleepDocument | undefined,
  others: Night['others'],
  curves: readonly StoredPoint[],
): SleepChart[] {
  if (!main) return [];
  const parts = [
    { document: main.document, start: main.session.start },
    ...others.filter((other) => other.kind === 'night'),
  ].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return parts.map(({ document }) => sleepChartOf(document, curves));
}
