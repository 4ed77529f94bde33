// Which metrics the page shows, as data: the names are those of the normalizer's mapping. One resource owns each; nothing is taken from
// whatever else arrived.
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import type { ScoreName } from './model.ts';

interface ScoreSource {
  resource: ResourceName;
  metric: string;
  contributors: readonly string[];
}

export const scoreSources: Readonly<Record<ScoreName, ScoreSource>> = {
  readiness: {
    resource: 'daily_readiness',
    metric: 'score_readiness',
    contributors: [
      'activity_balance',
      'body_temperature',
      'hrv_balance',
      'previous_day_activity',
      'previous_night',
      'recovery_index',
      'resting_heart_rate',
      'sleep_balance',
      'sleep_regularity',
    ],
  },
  sleep: {
    resource: 'daily_sleep',
    metric: 'score_sleep',
    contributors: ['deep_sleep', 'efficiency', 'latency', 'rem_sleep', 'restfulness', 'timing', 'total_sleep'],
  },
  activity: {
    resource: 'daily_activity',
    metric: 'score_activity',
    contributors: [
      'meet_daily_targets',
      'move_every_hour',
      'recovery_time',
      'stay_active',
      'training_frequency',
      'training_volume',
    ],
  },
};

export const contributorMetric = (score: ScoreName, contributor: string): string =>
  `${scoreSources[score].metric}_${contributor}`;

export const contributorMetrics: readonly string[] = (['readiness', 'sleep', 'activity'] as const).flatMap((score) =>
  scoreSources[score].contributors.map((contributor) => contributorMetric(score, contributor)),
);

/** Numbers of the main sleep, in the order of the legend. */
export const nightMetrics: readonly { key: string; metric: string }[] = [
  { key: 'duration', metric: 'sleep_duration' },
  { key: 'deep', metric: 'sleep_deep_duration' },
  { key: 'rem', metric: 'sleep_rem_duration' },
  { key: 'light', metric: 'sleep_light_duration' },
  { key: 'awake', metric: 'sleep_awake_duration' },
  { key: 'efficiency', metric: 'sleep_efficiency' },
  { key: 'latency', metric: 'sleep_latency' },
  { key: 'heart_rate', metric: 'heart_rate_mean_sleep' },
  { key: 'lowest_heart_rate', metric: 'heart_rate_min_sleep' },
  { key: 'hrv', metric: 'heart_rate_variability_rmssd_mean_sleep' },
  { key: 'breathing', metric: 'respiratory_rate' },
];

/** The cards under the night: of its main sleep, or of a resource that has one document a day. */
export const vitalSources: readonly { key: string; metric: string; resource: ResourceName }[] = [
  { key: 'lowest_heart_rate', metric: 'heart_rate_min_sleep', resource: 'sleep' },
  { key: 'heart_rate', metric: 'heart_rate_mean_sleep', resource: 'sleep' },
  { key: 'hrv', metric: 'heart_rate_variability_rmssd_mean_sleep', resource: 'sleep' },
  { key: 'breathing', metric: 'respiratory_rate', resource: 'sleep' },
  { key: 'spo2', metric: 'oxygen_saturation', resource: 'daily_spo2' },
  { key: 'temperature', metric: 'skin_temperature_deviation', resource: 'daily_readiness' },
];

export const activityMetrics = {
  steps: 'steps',
  active_energy: 'active_energy',
  active_energy_goal: 'goal_active_energy',
  distance: 'distance_equivalent_walking',
  distance_goal: 'goal_distance',
} as const;

export const sleepMetrics: readonly string[] = ['sleep_session', ...nightMetrics.map(({ metric }) => metric)];
export const curveMetrics: readonly string[] = ['sleep_stage', 'heart_rate', 'heart_rate_variability_rmssd'];

const hourMs = 3_600_000;

/** How old the newest measurement of a resource may be before its chip says so. What happens only now and then (workouts, tags) is not here. */
export const rhythms: readonly { resource: ResourceName; metric: string; lateAfterMs: number }[] = [
  { resource: 'sleep', metric: 'sleep_session', lateAfterMs: 36 * hourMs },
  { resource: 'daily_readiness', metric: 'score_readiness', lateAfterMs: 36 * hourMs },
  { resource: 'daily_sleep', metric: 'score_sleep', lateAfterMs: 36 * hourMs },
  { resource: 'daily_activity', metric: 'steps', lateAfterMs: 36 * hourMs },
  { resource: 'heartrate', metric: 'heart_rate', lateAfterMs: 12 * hourMs },
  { resource: 'daily_spo2', metric: 'oxygen_saturation', lateAfterMs: 48 * hourMs },
  { resource: 'daily_stress', metric: 'stress_high_duration', lateAfterMs: 48 * hourMs },
  { resource: 'daily_resilience', metric: 'resilience_level', lateAfterMs: 96 * hourMs },
  { resource: 'daily_cardiovascular_age', metric: 'vascular_age', lateAfterMs: 10 * 24 * hourMs },
  { resource: 'vo2_max', metric: 'vo2_max', lateAfterMs: 30 * 24 * hourMs },
  { resource: 'ring_battery_level', metric: 'ring_battery_level', lateAfterMs: 24 * hourMs },
];

/** Rows with a time each are read apart: a day may hold thousands. */
export const rowResources: readonly string[] = ['heartrate', 'ring_battery_level'];

export const dailyMetrics: readonly string[] = [
  ...new Set([
    ...Object.values(scoreSources).map(({ metric }) => metric),
    ...vitalSources.filter(({ resource }) => resource !== 'sleep').map(({ metric }) => metric),
    ...Object.values(activityMetrics),
    ...rhythms.filter(({ resource }) => !rowResources.includes(resource)).map(({ metric }) => metric),
    ...sleepMetrics,
  ]),
];
