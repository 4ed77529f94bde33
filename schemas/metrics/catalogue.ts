// Every metric there is, for those who show, judge or describe one: the page, alert rules, dashboards. Unit and aggregations come from the
// mapping, so they cannot drift from it; title, kind and the way a person reads the number stand here.
import type { ResourceName } from '../oura/resources.ts';
import type { CodebookName } from './codebooks.ts';
import { emittedRows } from './mapping.ts';

/**
 * `score` 0–100, Oura's own scale; `duration` in seconds; `quantity` a measured or estimated amount; `deviation` signed around a baseline;
 * `code` a number that stands for a word; `event` 1 for something that happened; `goal` what the wearer should reach.
 */
export type MetricKind = 'score' | 'duration' | 'quantity' | 'deviation' | 'code' | 'event' | 'goal';

interface Described {
  title: string;
  kind: MetricKind;
  /** Digits after the point when a person reads it. */
  decimals: number;
  /** The unit as a person reads it; empty for scores, codes and events. */
  displayUnit: string;
}

const score = (title: string): Described => ({ title, kind: 'score', decimals: 0, displayUnit: '' });
const duration = (title: string): Described => ({ title, kind: 'duration', decimals: 0, displayUnit: 's' });
const code = (title: string): Described => ({ title, kind: 'code', decimals: 0, displayUnit: '' });
const event = (title: string): Described => ({ title, kind: 'event', decimals: 0, displayUnit: '' });
const quantity = (title: string, displayUnit: string, decimals = 0): Described => ({
  title,
  kind: 'quantity',
  decimals,
  displayUnit,
});
const deviation = (title: string, displayUnit: string, decimals: number): Described => ({
  title,
  kind: 'deviation',
  decimals,
  displayUnit,
});
const goal = (title: string, displayUnit: string): Described => ({ title, kind: 'goal', decimals: 0, displayUnit });

const described = {
  score_readiness: score('Readiness score'),
  score_readiness_activity_balance: score('Readiness: activity balance'),
  score_readiness_body_temperature: score('Readiness: body temperature'),
  score_readiness_hrv_balance: score('Readiness: HRV balance'),
  score_readiness_previous_day_activity: score('Readiness: previous day activity'),
  score_readiness_previous_night: score('Readiness: previous night'),
  score_readiness_recovery_index: score('Readiness: recovery index'),
  score_readiness_resting_heart_rate: score('Readiness: resting heart rate'),
  score_readiness_sleep_balance: score('Readiness: sleep balance'),
  score_readiness_sleep_regularity: score('Readiness: sleep regularity'),
  score_sleep: score('Sleep score'),
  score_sleep_deep_sleep: score('Sleep: deep sleep'),
  score_sleep_efficiency: score('Sleep: efficiency'),
  score_sleep_latency: score('Sleep: latency'),
  score_sleep_rem_sleep: score('Sleep: REM sleep'),
  score_sleep_restfulness: score('Sleep: restfulness'),
  score_sleep_timing: score('Sleep: timing'),
  score_sleep_total_sleep: score('Sleep: total sleep'),
  score_activity: score('Activity score'),
  score_activity_meet_daily_targets: score('Activity: meet daily targets'),
  score_activity_move_every_hour: score('Activity: move every hour'),
  score_activity_recovery_time: score('Activity: recovery time'),
  score_activity_stay_active: score('Activity: stay active'),
  score_activity_training_frequency: score('Activity: training frequency'),
  score_activity_training_volume: score('Activity: training volume'),
  score_sleep_delta: deviation('Effect of the sleep on the sleep score', '', 0),
  score_readiness_delta: deviation('Effect of the sleep on the readiness score', '', 0),
  resilience_level: code('Resilience'),
  resilience_sleep_recovery: score('Resilience: sleep recovery'),
  resilience_daytime_recovery: score('Resilience: daytime recovery'),
  resilience_stress: score('Resilience: stress'),
  stress_high_duration: duration('High stress'),
  recovery_high_duration: duration('High recovery'),
  stress_day_summary: code('Stress of the day'),
  sleep_session: event('Sleep'),
  sleep_stage: code('Sleep stage'),
  sleep_duration: duration('Total sleep'),
  sleep_deep_duration: duration('Deep sleep'),
  sleep_light_duration: duration('Light sleep'),
  sleep_rem_duration: duration('REM sleep'),
  sleep_awake_duration: duration('Awake in bed'),
  time_in_bed: duration('Time in bed'),
  sleep_latency: duration('Sleep latency'),
  sleep_efficiency: quantity('Sleep efficiency', '%'),
  restless_periods: quantity('Restless periods', ''),
  movement_class: code('Movement in sleep'),
  heart_rate: quantity('Heart rate', 'bpm'),
  heart_rate_mean_sleep: quantity('Average heart rate asleep', 'bpm', 1),
  heart_rate_min_sleep: quantity('Lowest heart rate asleep', 'bpm'),
  heart_rate_variability_rmssd: quantity('HRV (rMSSD)', 'ms'),
  heart_rate_variability_rmssd_mean_sleep: quantity('Average HRV asleep (rMSSD)', 'ms'),
  respiratory_rate: quantity('Respiratory rate asleep', 'breaths/min', 1),
  skin_temperature_deviation: deviation('Skin temperature deviation', '°C', 2),
  skin_temperature_trend_deviation: deviation('Skin temperature trend', '°C', 2),
  oxygen_saturation: quantity('Oxygen saturation', '%', 1),
  breathing_disturbance_index: quantity('Breathing disturbance index', ''),
  steps: quantity('Steps', 'steps'),
  distance_equivalent_walking: quantity('Equivalent walking distance', 'm'),
  active_energy: quantity('Active energy', 'kcal'),
  total_energy: quantity('Total energy', 'kcal'),
  basal_energy: quantity('Basal energy', 'kcal'),
  met: quantity('MET', 'MET', 1),
  met_mean: quantity('Mean MET', 'MET', 1),
  activity_class: code('Activity class'),
  activity_duration_high: duration('High activity'),
  activity_duration_medium: duration('Medium activity'),
  activity_duration_low: duration('Low activity'),
  sedentary_duration: duration('Sedentary'),
  resting_duration: duration('Resting'),
  non_wear_duration: duration('Not worn'),
  met_minutes_high: quantity('High activity MET minutes', 'MET min'),
  met_minutes_medium: quantity('Medium activity MET minutes', 'MET min'),
  met_minutes_low: quantity('Low activity MET minutes', 'MET min'),
  met_minutes_sedentary: quantity('Sedentary MET minutes', 'MET min'),
  inactivity_alerts: quantity('Inactivity alerts', ''),
  goal_active_energy: goal('Goal: active energy', 'kcal'),
  goal_distance: goal('Goal: distance', 'm'),
  goal_distance_remaining: { title: 'Distance left to the goal', kind: 'deviation', decimals: 0, displayUnit: 'm' },
  vascular_age: quantity('Vascular age', 'years'),
  pulse_wave_velocity_estimate: quantity('Pulse wave velocity (estimate)', 'm/s', 1),
  vo2_max: quantity('VO₂ max', 'mL/(kg·min)'),
  workout: event('Workout'),
  workout_energy: quantity('Workout energy', 'kcal'),
  workout_distance: quantity('Workout distance', 'm'),
  workout_intensity: code('Workout intensity'),
  mindfulness_session: event('Mindfulness session'),
  session: event('Session'),
  motion_count: quantity('Motion count', ''),
  mood: code('Mood'),
  tag_event: event('Tag'),
  rest_mode: event('Rest mode'),
  rest_mode_episode: event('Rest mode episode'),
  optimal_bedtime: event('Optimal bedtime'),
  bedtime_recommendation: code('Bedtime recommendation'),
  body_weight: quantity('Body weight', 'kg', 1),
  body_height: quantity('Body height', 'm', 2),
  person: code('Person'),
  ring_battery_level: quantity('Ring battery', '%'),
  ring_charging: code('Ring charging'),
  ring_configuration: event('Ring'),
} as const satisfies Record<string, Described>;

export type MetricName = keyof typeof described;

export interface MetricInfo extends Described {
  metric: string;
  /** UCUM, as stored. */
  unit: string;
  /** True where a value below zero is ordinary, and a plus sign tells something. */
  signed: boolean;
  /** Which resources say it, under which aggregation. */
  sources: readonly { resource: ResourceName; aggregation: string }[];
  /** How to turn the number of a coded value back into Oura's word. */
  codebook?: CodebookName;
}

function describe(metric: string, info: Described): MetricInfo {
  const rows = emittedRows.filter((row) => row.metric === metric);
  const sources = new Map(
    rows.map((row) => [`${row.resource} ${row.aggregation}`, { resource: row.resource, aggregation: row.aggregation }]),
  );
  const codebook = rows.flatMap(({ reading }) => ('codebook' in reading ? [reading.codebook] : []))[0];
  return {
    metric,
    ...info,
    unit: rows[0]?.unit ?? '1',
    signed: info.kind === 'deviation',
    sources: [...sources.values()],
    ...(codebook && { codebook }),
  };
}

export const metricCatalogue: ReadonlyMap<string, MetricInfo> = new Map(
  Object.entries<Described>(described).map(([metric, info]) => [metric, describe(metric, info)]),
);
