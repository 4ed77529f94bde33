// The whole page of one person from the points read for it, the open alerts and the time. Pure: the same input gives the same page. "Today" is
// the wearer's civil date now, never the newest data.
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { daysUntil } from './civil-day.ts';
import { freshnessOf, ringOf } from './freshness.ts';
import type { Activity, Measure, OpenAlert, OuraConnection, Today, Trends, WearerClock } from './model.ts';
import { isSettled, mainSleepValues, nightOf, readSleeps, type Sleeps } from './night.ts';
import { activityMetrics, vitalSources } from './page-metrics.ts';
import { byDay, measureOf, toReading } from './readings.ts';
import { scoreOf, trendOf } from './scores.ts';

export const trendDays = 30;

export interface TodayInput {
  user: string;
  name: string;
  clock: WearerClock;
  nowMs: number;
  /** Points by day, back to the first day a usual range of the trends needs. */
  daily: readonly StoredPoint[];
  /** Contributors of today's scores. */
  contributors: readonly StoredPoint[];
  /** Stages, heart rate and HRV of today's sleeps. */
  curves: readonly StoredPoint[];
  /** The newest heart rates and battery levels. */
  rows: readonly StoredPoint[];
  alerts: readonly OpenAlert[];
  connection: OuraConnection;
}

export function buildToday(input: TodayInput): Today {
  const { user, name, clock, daily, contributors, curves, rows, nowMs, alerts, connection } = input;
  const { day } = clock;
  const sleeps = readSleeps(daily);
  const scoreInput = { daily, contributors, day, nowMs };
  return {
    user,
    name,
    clock,
    has_data: daily.length > 0 || rows.length > 0,
    connection,
    scores: {
      readiness: scoreOf('readiness', scoreInput),
      sleep: scoreOf('sleep', scoreInput),
      activity: scoreOf('activity', scoreInput),
    },
    activity: activityOf(daily, day),
    night: nightOf({ sleeps, day, curves, nowMs }),
    vitals: vitalsOf(sleeps, daily, day, nowMs),
    trends: trendsOf(daily, day, trendDays),
    ring: ringOf(rows, nowMs),
    freshness: freshnessOf([...daily, ...rows], nowMs),
    alerts: [...alerts],
  };
}

function activityOf(daily: readonly StoredPoint[], day: string): Activity {
  const reading = (metric: string) => {
    const point = byDay(daily, 'daily_activity', metric).get(day);
    return point ? toReading(point) : null;
  };
  return {
    day,
    steps: reading(activityMetrics.steps),
    active_energy: reading(activityMetrics.active_energy),
    active_energy_goal: reading(activityMetrics.active_energy_goal),
    distance: reading(activityMetrics.distance),
    distance_goal: reading(activityMetrics.distance_goal),
  };
}

function vitalsOf(sleeps: Sleeps, daily: readonly StoredPoint[], day: string, nowMs: number): Measure[] {
  const judged = isSettled(sleeps, day, nowMs);
  return vitalSources.map(({ key, metric, resource }) => {
    const values = resource === 'sleep' ? mainSleepValues(sleeps, metric) : byDay(daily, resource, metric);
    return measureOf(key, day, values, { judged });
  });
}

export const trendsOf = (daily: readonly StoredPoint[], lastDay: string, days: number): Trends => ({
  days: daysUntil(lastDay, days),
  lines: (['readiness', 'sleep', 'activity'] as const).map((score) => trendOf(score, daily, lastDay, days)),
});
