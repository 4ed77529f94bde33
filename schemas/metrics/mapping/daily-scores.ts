// daily_sleep and daily_readiness: the two scores of a day with their contributors. Every contributor is a score, whatever its name says.
import type { MetricRow, ResourceMapping } from '../mapping-row.ts';

const daily = (
  resource: string,
  field: string,
  metric: string,
  note?: string,
  as: Pick<MetricRow, 'aggregation' | 'unit'> = { aggregation: 'daily', unit: '{score}' },
): MetricRow => ({
  table: `${resource}.${field}`,
  fields: [field],
  metric,
  time: 'civil_day*',
  reading: { read: 'number' },
  ...as,
  ...(note && { note }),
});

const sleep = (field: string, metric: string, note?: string) => daily('daily_sleep', field, metric, note);
const readiness = (field: string, metric: string, note?: string) => daily('daily_readiness', field, metric, note);

const noMetric = {
  id: 'identity of the document',
  day: 'Oura’s day; the time of every point',
  timestamp: 'a placeholder: the day at UTC midnight, also for a wearer far from Greenwich',
};

export const dailySleepMapping: ResourceMapping = {
  resource: 'daily_sleep',
  day: 'day',
  rows: [
    sleep('score', 'score_sleep', 'Oura’s own scale of 0 to 100'),
    sleep('contributors.deep_sleep', 'score_sleep_deep_sleep', 'a score, not the time in deep sleep'),
    sleep('contributors.efficiency', 'score_sleep_efficiency', 'a score, not the efficiency in per cent'),
    sleep('contributors.latency', 'score_sleep_latency', 'a score, not the latency'),
    sleep('contributors.rem_sleep', 'score_sleep_rem_sleep'),
    sleep('contributors.restfulness', 'score_sleep_restfulness'),
    sleep('contributors.timing', 'score_sleep_timing'),
    sleep('contributors.total_sleep', 'score_sleep_total_sleep'),
  ],
  noMetric,
};

const kelvin = { aggregation: 'daily_mean', unit: 'K' };

export const dailyReadinessMapping: ResourceMapping = {
  resource: 'daily_readiness',
  day: 'day',
  rows: [
    readiness('score', 'score_readiness', 'Oura’s own scale of 0 to 100'),
    readiness('contributors.activity_balance', 'score_readiness_activity_balance'),
    readiness('contributors.body_temperature', 'score_readiness_body_temperature', 'a score, not a temperature'),
    readiness('contributors.hrv_balance', 'score_readiness_hrv_balance', 'a score, not ms'),
    readiness('contributors.previous_day_activity', 'score_readiness_previous_day_activity'),
    readiness('contributors.previous_night', 'score_readiness_previous_night'),
    readiness('contributors.recovery_index', 'score_readiness_recovery_index'),
    readiness('contributors.resting_heart_rate', 'score_readiness_resting_heart_rate', 'a score, not bpm'),
    readiness('contributors.sleep_balance', 'score_readiness_sleep_balance'),
    readiness('contributors.sleep_regularity', 'score_readiness_sleep_regularity'),
    daily(
      'daily_readiness',
      'temperature_deviation',
      'skin_temperature_deviation',
      'signed, relative to a personal baseline that Oura does not tell; never a body temperature',
      kelvin,
    ),
    daily(
      'daily_readiness',
      'temperature_trend_deviation',
      'skin_temperature_trend_deviation',
      'signed; a weighted trend of three days',
      kelvin,
    ),
  ],
  noMetric,
};
