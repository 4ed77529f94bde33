// The daily documents without any time of their own: SpO2, stress, resilience, cardiovascular age. Their points are civil days.
import type { MetricRow, Reading, ResourceMapping } from '../mapping-row.ts';

const civilDay = (
  table: string,
  metric: string,
  aggregation: string,
  unit: string,
  more: { reading?: Reading; note?: string } = {},
): MetricRow => ({
  table,
  fields: [table.slice(table.indexOf('.') + 1)],
  metric,
  aggregation,
  time: 'civil_day',
  unit,
  reading: { read: 'number' },
  ...more,
});

const noMetric = { id: 'identity of the document', day: 'Oura’s day; the time of every point' };

export const dailySpo2Mapping: ResourceMapping = {
  resource: 'daily_spo2',
  day: 'day',
  rows: [
    civilDay('daily_spo2.spo2_percentage.average', 'oxygen_saturation', 'daily_mean', '%', {
      reading: { read: 'number', none: [0] },
      note: 'the mean of a night whose window the document does not tell; 0 means none',
    }),
    civilDay('daily_spo2.breathing_disturbance_index', 'breathing_disturbance_index', 'daily', '{index}', {
      note: 'not an apnea-hypopnea index',
    }),
  ],
  noMetric,
};

export const dailyStressMapping: ResourceMapping = {
  resource: 'daily_stress',
  day: 'day',
  rows: [
    civilDay('daily_stress.stress_high', 'stress_high_duration', 'daily_total', 's', {
      note: 'seconds, in steps of 900',
    }),
    civilDay('daily_stress.recovery_high', 'recovery_high_duration', 'daily_total', 's', {
      note: 'seconds, in steps of 900',
    }),
    civilDay('daily_stress.day_summary', 'stress_day_summary', 'daily', '1', {
      reading: { read: 'code', codebook: 'stress_day_summary' },
    }),
  ],
  noMetric,
};

const contributor = (field: string, metric: string) =>
  civilDay(`daily_resilience.contributors.${field}`, metric, 'daily', '{score}', { note: '0 to 100, with fractions' });

export const dailyResilienceMapping: ResourceMapping = {
  resource: 'daily_resilience',
  day: 'day',
  rows: [
    civilDay('daily_resilience.level', 'resilience_level', 'daily', '1', {
      reading: { read: 'code', codebook: 'resilience_level' },
    }),
    contributor('sleep_recovery', 'resilience_sleep_recovery'),
    contributor('daytime_recovery', 'resilience_daytime_recovery'),
    contributor('stress', 'resilience_stress'),
  ],
  noMetric,
};

export const dailyCardiovascularAgeMapping: ResourceMapping = {
  resource: 'daily_cardiovascular_age',
  day: 'day',
  rows: [
    civilDay('daily_cardiovascular_age.vascular_age', 'vascular_age', 'daily', 'a'),
    civilDay('daily_cardiovascular_age.pulse_wave_velocity', 'pulse_wave_velocity_estimate', 'daily', 'm/s', {
      note: 'derived by Oura from the vascular age, with a possible offset: not a measurement',
    }),
  ],
  noMetric,
};
