// daily_activity: a day from 04:00 to 04:00 of the wearer.
import type { MetricRow, ResourceMapping } from '../mapping-row.ts';

const activityDay = (field: string, metric: string, aggregation: string, unit: string, note?: string): MetricRow => ({
  table: `daily_activity.${field}`,
  fields: [field],
  metric,
  aggregation,
  time: 'activity_day',
  unit,
  reading: { read: 'number' },
  ...(note && { note }),
});

const score = (field: string, metric: string) => activityDay(field, metric, 'daily', '{score}');
const total = (field: string, metric: string, unit: string, note?: string) =>
  activityDay(field, metric, 'daily_total', unit, note);

export const dailyActivityMapping: ResourceMapping = {
  resource: 'daily_activity',
  day: 'day',
  rows: [
    score('score', 'score_activity'),
    score('contributors.meet_daily_targets', 'score_activity_meet_daily_targets'),
    score('contributors.move_every_hour', 'score_activity_move_every_hour'),
    score('contributors.recovery_time', 'score_activity_recovery_time'),
    score('contributors.stay_active', 'score_activity_stay_active'),
    score('contributors.training_frequency', 'score_activity_training_frequency'),
    score('contributors.training_volume', 'score_activity_training_volume'),
    total('steps', 'steps', '{steps}', 'of a day from 04:00 to 04:00'),
    total(
      'equivalent_walking_distance',
      'distance_equivalent_walking',
      'm',
      'what walking would have used as much energy: not a travelled distance',
    ),
    total('active_calories', 'active_energy', 'kcal'),
    total('total_calories', 'total_energy', 'kcal'),
    {
      table: 'daily_activity.total_calories-active_calories',
      fields: ['total_calories', 'active_calories'],
      metric: 'basal_energy',
      aggregation: 'daily_total',
      time: 'activity_day',
      unit: 'kcal',
      reading: { read: 'difference' },
      derived: true,
      note: 'total less active energy, computed here',
    },
    {
      table: 'daily_activity.met',
      fields: ['met'],
      metric: 'met',
      aggregation: 'interval_mean',
      time: 'activity_series',
      unit: '{MET}',
      reading: { read: 'sample' },
    },
    {
      table: 'daily_activity.class_5_min',
      fields: ['class_5_min'],
      metric: 'activity_class',
      aggregation: 'interval',
      time: 'activity_class',
      unit: '1',
      reading: { read: 'characters', codebook: 'activity_class', stepsS: [300] },
      note: 'its counts times 300 s are not the activity times, which come from minutes: neither is computed from the other',
    },
    total('high_activity_time', 'activity_duration_high', 's'),
    total('high_activity_met_minutes', 'met_minutes_high', '{MET-min}'),
    total('medium_activity_time', 'activity_duration_medium', 's'),
    total('medium_activity_met_minutes', 'met_minutes_medium', '{MET-min}'),
    total('low_activity_time', 'activity_duration_low', 's'),
    total('low_activity_met_minutes', 'met_minutes_low', '{MET-min}'),
    total('sedentary_time', 'sedentary_duration', 's'),
    total('resting_time', 'resting_duration', 's', 'includes sleep'),
    total('non_wear_time', 'non_wear_duration', 's', 'on a day with much of it every total is too low'),
    total('sedentary_met_minutes', 'met_minutes_sedentary', '{MET-min}'),
    activityDay(
      'average_met_minutes',
      'met_mean',
      'daily_mean',
      '{MET}',
      'the mean MET of the day, although named minutes',
    ),
    activityDay('inactivity_alerts', 'inactivity_alerts', 'daily_count', '{count}'),
    activityDay('target_calories', 'goal_active_energy', 'daily', 'kcal', 'a goal, not a measurement'),
    activityDay('target_meters', 'goal_distance', 'daily', 'm', 'a goal, not a measurement'),
    activityDay('meters_to_target', 'goal_distance_remaining', 'daily', 'm', 'rounded by Oura; may be negative'),
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; travels with every point as `day`',
    timestamp: 'the start of every point',
  },
};
