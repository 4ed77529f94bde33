// The collections of the API as data: which scope opens each, under which name webhooks speak of it, which field its date window
// looks at, and whether `fields` works there.

import { type Resource, resources } from '../ring/document-history.ts';
import type { SeriesName } from '../source.ts';

export interface CollectionFact {
  scope: string;
  /** Name in notifications and subscriptions. */
  dataType: string;
  /** The field whose instant a window is compared with; `day` stands for midnight. */
  anchor: string;
  /** The civil day of a document. */
  dayField: string;
  hasFields: boolean;
}

const daily = (resource: string, scope = 'daily', anchor = 'day'): CollectionFact => ({
  scope,
  dataType: resource,
  anchor,
  dayField: 'day',
  hasFields: true,
});

export const collections: Record<Resource, CollectionFact> = {
  daily_activity: daily('daily_activity', 'daily', 'timestamp'),
  daily_sleep: daily('daily_sleep', 'daily', 'timestamp'),
  daily_readiness: daily('daily_readiness', 'daily', 'timestamp'),
  daily_spo2: daily('daily_spo2', 'spo2'),
  daily_stress: daily('daily_stress'),
  daily_resilience: { ...daily('daily_resilience', 'stress'), hasFields: false },
  daily_cardiovascular_age: daily('daily_cardiovascular_age', 'heart_health'),
  vO2_max: { ...daily('vO2_max', 'heart_health', 'timestamp'), dataType: 'vo2_max' },
  sleep: daily('sleep', 'daily', 'bedtime_start'),
  sleep_time: daily('sleep_time'),
  workout: daily('workout', 'workout', 'start_datetime'),
  session: daily('session', 'session', 'start_datetime'),
  enhanced_tag: {
    scope: 'tag',
    dataType: 'enhanced_tag',
    anchor: 'start_time',
    dayField: 'start_day',
    hasFields: false,
  },
  tag: { ...daily('tag', 'tag', 'timestamp'), hasFields: false },
  rest_mode_period: { ...daily('rest_mode_period', 'daily', 'start_time'), dayField: 'start_day' },
  ring_configuration: daily('ring_configuration', 'ring_configuration'),
};

export const seriesScopes: Record<SeriesName, string> = {
  heartrate: 'heartrate',
  ring_battery_level: 'ring_configuration',
};

/** Webhook types of the specification; `meal` has no route. */
export const dataTypes = [...resources.map((resource) => collections[resource].dataType), 'meal'];

export const allScopes = [
  'email',
  'personal',
  'daily',
  'heartrate',
  'workout',
  'tag',
  'session',
  'spo2',
  'heart_health',
  'ring_configuration',
  'stress',
] as const;

export const bareScope = (scope: string): string => scope.replace(/^extapi:/, '');

export const resourceOf = (name: string): Resource | null => resources.find((resource) => resource === name) ?? null;

export const seriesOf = (name: string): SeriesName | null =>
  name === 'heartrate' || name === 'ring_battery_level' ? name : null;
