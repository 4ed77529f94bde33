// Metrics messages as normalize writes them, for tests of alerts: a readiness, a sleep, an hour of battery rows.
import type { MetricsMessage } from '../../schemas/metrics-message.ts';

type Changes = Partial<MetricsMessage>;

function message(resource: MetricsMessage['resource'], objectId: string, changes: Changes): MetricsMessage {
  const version = changes.version ?? 1;
  return {
    user_id: 'anna',
    resource,
    object_id: objectId,
    document: `${resource}-${objectId}-${version}`,
    version,
    known_at: '2026-11-23T07:30:00Z',
    via: 'webhook',
    deleted: false,
    points: [],
    series: [],
    ...changes,
  };
}

const nextDay = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** `score` null: a document that says nothing, as a deletion does. */
export function readiness(day: string, score: number | null, changes: Changes = {}): MetricsMessage {
  const points =
    score === null
      ? []
      : [
          {
            metric: 'score_readiness',
            aggregation: 'daily',
            unit: '{score}',
            start: day,
            end: nextDay(day),
            value: score,
          },
        ];
  return message('daily_readiness', `r-${day}`, { known_at: `${day}T07:30:00Z`, day, points, ...changes });
}

export interface Slept {
  id: string;
  day: string;
  from: string;
  to: string | undefined;
  hours: number;
  type?: string;
}

export function sleep({ id, day, from, to, hours, type = 'long_sleep' }: Slept, changes: Changes = {}): MetricsMessage {
  const window = { start: from, ...(to !== undefined && { end: to }) };
  return message('sleep', id, {
    day,
    points: [
      { metric: 'sleep_session', aggregation: 'session', unit: '1', ...window, value: 1, text: type },
      { metric: 'sleep_duration', aggregation: 'session_total', unit: 's', ...window, value: hours * 3600 },
    ],
    ...(to === undefined && { in_progress: true }),
    ...changes,
  });
}

/** `hour` as `2026-11-23T07`; levels are ten minutes apart. */
export function battery(hour: string, levels: readonly number[], changes: Changes = {}): MetricsMessage {
  return message('ring_battery_level', hour, {
    known_at: `${hour}:59:00Z`,
    via: 'poll',
    points: levels.map((value, index) => ({
      metric: 'ring_battery_level',
      aggregation: 'instant',
      unit: '%',
      start: `${hour}:${index}0:00Z`,
      value,
    })),
    ...changes,
  });
}
