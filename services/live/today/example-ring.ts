// For tests alone: the stored points of a made-up ring, 60 days up to one morning, with whatever a test wants to be different. Values are
// invented; shapes and names are those of the metric store.
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { resourceName } from '../../../schemas/oura/resources.ts';
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { daysUntil } from './civil-day.ts';
import { activityMetrics, contributorMetric, scoreSources } from './page-metrics.ts';

export const exampleDay = '2026-11-23';
/** 08:02 of the wearer, one hour east of UTC. */
export const exampleNowMs = Date.parse('2026-11-23T07:02:00Z');

const offset = '+01:00';
const offsetMinutes = 60;

export type PointFields = Pick<StoredPoint, 'metric' | 'resource' | 'start' | 'value'> & Partial<StoredPoint>;

export const pointOf = (fields: PointFields): StoredPoint => ({
  user: 'anna',
  aggregation: 'daily',
  context: null,
  end: null,
  day: null,
  utcOffsetMinutes: fields.start.includes('T') ? offsetMinutes : null,
  unit: '{score}',
  text: null,
  document: `${fields.resource}/${fields.day ?? fields.start}`,
  version: 1,
  firstSeen: '2026-11-23T06:41:00Z',
  algorithm: null,
  ...fields,
});

/** A number between −1 and 1 that is the same for the same day and purpose. */
function sway(day: string, purpose: string): number {
  let hash = 7;
  for (const char of day + purpose) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  const x = Math.sin(hash) * 10_000;
  return (x - Math.floor(x)) * 2 - 1;
}

export interface NightFields {
  day: string;
  document?: string;
  type?: string | null;
  start?: string;
  end?: string | null;
  durationS?: number;
  firstSeen?: string;
  version?: number;
}

const iso = (ms: number): string => new Date(ms + offsetMinutes * 60_000).toISOString().replace('.000Z', offset);

/** All points of one sleep document: its session, its totals, its curves. */
export function nightPoints(night: NightFields, { curves }: { curves: boolean }): StoredPoint[] {
  const {
    day,
    document = `sleep/${day}`,
    type = 'long_sleep',
    durationS = 26_400 + Math.round(sway(day, 'total') * 40) * 60,
  } = night;
  const startMs =
    Date.parse(night.start ?? `${day}T00:00:00${offset}`) -
    (night.start ? 0 : 3_720_000 + Math.round(sway(day, 'bed') * 30) * 60_000);
  const endMs = startMs + (durationS + 1900) * 1000;
  const end = night.end === undefined ? iso(endMs) : night.end;
  const deep = Math.round(durationS * (0.18 + sway(day, 'deep') * 0.03));
  const rem = Math.round(durationS * (0.24 + sway(day, 'rem') * 0.03));
  const values: readonly (readonly [string, string, number, string])[] = [
    ['sleep_session', 'session', 1, '1'],
    ['sleep_duration', 'session_total', durationS, 's'],
    ['sleep_deep_duration', 'session_total', deep, 's'],
    ['sleep_rem_duration', 'session_total', rem, 's'],
    ['sleep_light_duration', 'session_total', durationS - deep - rem, 's'],
    ['sleep_awake_duration', 'session_total', 1900, 's'],
    ['sleep_efficiency', 'session_mean', 90 + Math.round(sway(day, 'eff') * 5), '%'],
    ['sleep_latency', 'session_total', 600 + Math.round(sway(day, 'lat') * 5) * 60, 's'],
    ['heart_rate_mean_sleep', 'session_mean', Math.round((54 + sway(day, 'hr') * 3) * 4) / 4, '/min'],
    ['heart_rate_min_sleep', 'session_min', 47 + Math.round(sway(day, 'low') * 3), '/min'],
    ['heart_rate_variability_rmssd_mean_sleep', 'session_mean', 64 + Math.round(sway(day, 'hrv') * 12), 'ms'],
    ['respiratory_rate', 'session_mean', Math.round((13.9 + sway(day, 'breath') * 0.6) * 8) / 8, '/min'],
  ];
  const shared = {
    resource: 'sleep',
    day,
    document,
    version: night.version ?? 2,
    start: iso(startMs),
    end,
    text: null,
    firstSeen: night.firstSeen ?? `${day}T06:10:00Z`,
  };
  const totals = values.map(([metric, aggregation, value, unit]) =>
    pointOf({ ...shared, metric, aggregation, value, unit, text: metric === 'sleep_session' ? type : null }),
  );
  return curves ? [...totals, ...curvePoints(shared, startMs, endMs)] : totals;
}

const codes = '4422222111111122222111122233324222211112222233333322222333334222233333322223333224';

function curvePoints(shared: Omit<PointFields, 'metric' | 'value'>, startMs: number, endMs: number): StoredPoint[] {
  const points: StoredPoint[] = [];
  const step = 300_000;
  for (let atMs = startMs, index = 0; atMs < endMs; atMs += step, index += 1) {
    const at = { ...shared, start: iso(atMs), end: iso(atMs + step), aggregation: 'interval_mean' };
    const share = (atMs - startMs) / (endMs - startMs);
    const code = Number(codes[Math.floor(share * codes.length)] ?? '2');
    const wave = Math.sin(share * 9) * 3 + sway(at.start, 'wave') * 2.4;
    points.push(pointOf({ ...at, metric: 'sleep_stage', aggregation: 'interval', value: code, unit: '1' }));
    if (index > 60 && index < 64) continue;
    points.push(
      pointOf({ ...at, metric: 'heart_rate', value: Math.round(60 - 9 * Math.sin(share * 3) + wave), unit: '/min' }),
    );
    points.push(
      pointOf({
        ...at,
        metric: 'heart_rate_variability_rmssd',
        value: Math.round(56 + 16 * Math.sin(share * 3.2) + wave * 3),
        unit: 'ms',
      }),
    );
  }
  return points;
}

/** The documents of one day beside its sleep. */
export function dayPoints(day: string, changed: Readonly<Record<string, number>> = {}): StoredPoint[] {
  const of = (resource: string, metric: string, value: number, more: Partial<StoredPoint> = {}) =>
    pointOf({
      resource,
      metric,
      value: changed[metric] ?? value,
      start: day,
      day,
      firstSeen: `${day}T06:41:00Z`,
      ...more,
    });
  const activityDay = {
    start: `${day}T04:00:00${offset}`,
    utcOffsetMinutes: offsetMinutes,
    firstSeen: `${day}T06:58:00Z`,
  };
  const contributors = (['readiness', 'sleep', 'activity'] as const).flatMap((score) =>
    scoreSources[score].contributors.map((name) => {
      const metric = contributorMetric(score, name);
      return of(
        scoreSources[score].resource,
        metric,
        80 + Math.round(sway(day, metric) * 19),
        score === 'activity' ? activityDay : {},
      );
    }),
  );
  return [
    of('daily_readiness', 'score_readiness', 78 + Math.round(sway(day, 'r') * 8)),
    of('daily_readiness', 'skin_temperature_deviation', Math.round(sway(day, 't') * 50) / 100, {
      unit: 'K',
      aggregation: 'daily_mean',
    }),
    of('daily_sleep', 'score_sleep', 82 + Math.round(sway(day, 's') * 8)),
    of('daily_activity', 'score_activity', 81 + Math.round(sway(day, 'a') * 10), activityDay),
    of('daily_activity', activityMetrics.steps, 8200 + Math.round(sway(day, 'steps') * 3000), {
      ...activityDay,
      unit: '{steps}',
    }),
    of('daily_activity', activityMetrics.active_energy, 410, { ...activityDay, unit: 'kcal' }),
    of('daily_activity', activityMetrics.active_energy_goal, 500, { ...activityDay, unit: 'kcal' }),
    of('daily_activity', activityMetrics.distance, 7100 + Math.round(sway(day, 'steps') * 2500), {
      ...activityDay,
      unit: 'm',
    }),
    of('daily_activity', activityMetrics.distance_goal, 9000, { ...activityDay, unit: 'm' }),
    of('daily_spo2', 'oxygen_saturation', Math.round((96.9 + sway(day, 'o') * 0.9) * 10) / 10, {
      unit: '%',
      aggregation: 'daily_mean',
    }),
    of('daily_stress', 'stress_high_duration', 5400, { unit: 's' }),
    of('daily_resilience', 'resilience_level', 3, { unit: '1', text: 'solid' }),
    ...contributors,
  ];
}

export const rowPoints = (): StoredPoint[] => [
  pointOf({
    resource: 'ring_battery_level',
    metric: 'ring_battery_level',
    aggregation: 'instant',
    start: '2026-11-23T06:40:12Z',
    value: 62,
    unit: '%',
    utcOffsetMinutes: 0,
  }),
  pointOf({
    resource: 'heartrate',
    metric: 'heart_rate',
    aggregation: 'instant',
    context: 'awake',
    start: '2026-11-23T06:39:40Z',
    value: 66,
    unit: '/min',
    utcOffsetMinutes: 0,
  }),
];

/** Sixty days; `missing` have no document at all. */
export function exampleRing({ missing = [] }: { missing?: readonly string[] } = {}): StoredPoint[] {
  const days = daysUntil(exampleDay, 60).filter((day) => !missing.includes(day));
  return days.flatMap((day) => [...nightPoints({ day }, { curves: day === exampleDay }), ...dayPoints(day)]);
}

/** The messages that bring these points into a store. */
export function messagesOf(points: readonly StoredPoint[]): MetricsMessage[] {
  const messages = new Map<string, MetricsMessage>();
  for (const point of points) {
    const [resource, ...objectId] = point.document.split('/');
    const message = messages.get(point.document) ?? {
      user_id: point.user,
      resource: resourceName.parse(resource),
      object_id: objectId.join('/'),
      document: `${point.document}@${point.version}`,
      version: point.version,
      known_at: point.firstSeen,
      via: 'webhook',
      deleted: false,
      ...(point.day && { day: point.day }),
      points: [],
      series: [],
    };
    const { metric, aggregation, context, start, end, value, unit, text } = point;
    const optional = { ...(context && { context }), ...(end && { end }), ...(text && { text }) };
    message.points.push({ metric, aggregation, start, value, unit, ...optional });
    messages.set(point.document, message);
  }
  return [...messages.values()];
}
