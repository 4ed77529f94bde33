// Reads from the metric store what the page of one person needs, in few bounded queries, and hands it to the pure functions beside.
import type { MetricStore, StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { buildToday, trendDays, trendsOf } from './build-today.ts';
import { addDays, civilDay } from './civil-day.ts';
import type { Night, OpenAlert, OuraConnection, Today, Trends } from './model.ts';
import { nightOf, readSleeps } from './night.ts';
import { contributorMetrics, curveMetrics, dailyMetrics, scoreSources, sleepMetrics } from './page-metrics.ts';
import { usualNights } from './usual-range.ts';
import { wearerClock } from './wearer-clock.ts';

const hourMs = 3_600_000;
/** How far back the newest single heart rate or battery level is looked for. */
const rowsBackMs = 14 * 24 * hourMs;
/** How many days after a night its next neighbour is looked for. */
const neighbourDays = 30;

export interface PageQuery {
  store: MetricStore;
  user: string;
  nowMs: number;
}

async function collect(points: AsyncIterable<StoredPoint>): Promise<StoredPoint[]> {
  const all: StoredPoint[] = [];
  for await (const point of points) all.push(point);
  return all;
}

const readDaily = ({ store, user, nowMs }: PageQuery, daysBack: number): Promise<StoredPoint[]> => {
  const utcDay = civilDay(nowMs, 0);
  return collect(
    store.query({ user, metrics: dailyMetrics, fromDay: addDays(utcDay, -daysBack), toDay: addDays(utcDay, 1) }),
  );
};

const readCurves = ({ store, user }: PageQuery, day: string): Promise<StoredPoint[]> =>
  collect(store.query({ user, metrics: curveMetrics, resources: ['sleep'], fromDay: day, toDay: day }));

/** The newest hour that has rows of the resource. */
async function readNewestRows(
  { store, user, nowMs }: PageQuery,
  resource: string,
  metric: string,
): Promise<StoredPoint[]> {
  const fromMs = Math.floor((nowMs - rowsBackMs) / hourMs) * hourMs;
  const buckets = await store.buckets({ user, metric, resource, fromMs, toMs: nowMs + 1, resolutionMs: hourMs });
  const newest = buckets.at(-1);
  if (!newest) return [];
  const range = { fromMs: newest.startMs, toMs: Math.min(newest.startMs + hourMs, nowMs + 1) };
  return collect(store.query({ user, metrics: [metric], resources: [resource], ...range }));
}

export interface TodayQuery extends PageQuery {
  name: string;
  alerts: readonly OpenAlert[];
  connection: OuraConnection;
}

export async function readToday(query: TodayQuery): Promise<Today> {
  const { store, user, name, nowMs, alerts, connection } = query;
  const daily = await readDaily(query, trendDays + usualNights + 2);
  const clock = wearerClock(daily, nowMs);
  const [contributors, curves, heartRates, batteryLevels] = await Promise.all([
    collect(store.query({ user, metrics: contributorMetrics, fromDay: clock.day, toDay: clock.day })),
    readCurves(query, clock.day),
    readNewestRows(query, 'heartrate', 'heart_rate'),
    readNewestRows(query, 'ring_battery_level', 'ring_battery_level'),
  ]);
  const rows = [...heartRates, ...batteryLevels];
  return buildToday({ user, name, clock, nowMs, daily, contributors, curves, rows, alerts, connection });
}

/** Any night, with its neighbours. */
export async function readNight(query: PageQuery, day: string): Promise<Night> {
  const { store, user, nowMs } = query;
  const range = { fromDay: addDays(day, -neighbourDays), toDay: addDays(day, neighbourDays) };
  const [daily, curves] = await Promise.all([
    collect(store.query({ user, metrics: sleepMetrics, resources: ['sleep'], ...range })),
    readCurves(query, day),
  ]);
  return nightOf({ sleeps: readSleeps(daily), day, curves, nowMs });
}

export async function readTrends(query: PageQuery, days: number): Promise<Trends> {
  const { nowMs } = query;
  const metrics = [...Object.values(scoreSources).map(({ metric }) => metric), 'sleep_session'];
  const utcDay = civilDay(nowMs, 0);
  const fromDay = addDays(utcDay, -(Math.max(days, usualNights) + 8));
  const daily = await collect(query.store.query({ user: query.user, metrics, fromDay, toDay: addDays(utcDay, 1) }));
  return trendsOf(daily, wearerClock(daily, nowMs).day, days);
}
