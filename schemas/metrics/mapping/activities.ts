// workout, session and vo2_max: what happened at a time of its own.
import type { MetricRow, ResourceMapping } from '../mapping-row.ts';

const freeText = 'the wearer’s own text: may be personal, stays in the raw document';

export const workoutMapping: ResourceMapping = {
  resource: 'workout',
  day: 'day',
  rows: [
    {
      table: 'workout.activity,start_datetime,end_datetime',
      fields: ['start_datetime'],
      metric: 'workout',
      aggregation: 'session',
      time: 'interval',
      unit: '1',
      reading: { read: 'occurrence', word: 'activity' },
      context: { field: 'source' },
      note: 'the activity is an open list of words, written in snake_case here; the context says who noticed it',
    },
    {
      table: 'workout.calories',
      fields: ['calories'],
      metric: 'workout_energy',
      aggregation: 'session_total',
      time: 'interval',
      unit: 'kcal',
      reading: { read: 'number' },
      note: 'already inside the active energy of the day',
    },
    {
      table: 'workout.distance',
      fields: ['distance'],
      metric: 'workout_distance',
      aggregation: 'session_total',
      time: 'interval',
      unit: 'm',
      reading: { read: 'number' },
    },
    {
      table: 'workout.intensity',
      fields: ['intensity'],
      metric: 'workout_intensity',
      aggregation: 'session',
      time: 'interval',
      unit: '1',
      reading: { read: 'code', codebook: 'workout_intensity' },
    },
    {
      table: 'workout.label',
      fields: ['label'],
      metric: 'workout_label',
      aggregation: 'session',
      time: 'interval',
      unit: '1',
      reading: { read: 'occurrence' },
      notEmitted: freeText,
    },
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; travels with every point as `day`',
    activity: 'the word of the workout',
    source: 'the context of the workout',
    end_datetime: 'the end of every point',
  },
};

const mindful = ['breathing', 'meditation', 'relaxation'];
const moment: MetricRow = {
  table: 'session.type,start_datetime,end_datetime',
  fields: ['start_datetime'],
  metric: 'mindfulness_session',
  aggregation: 'session',
  time: 'interval',
  unit: '1',
  reading: { read: 'occurrence', word: 'type' },
};

export const sessionMapping: ResourceMapping = {
  resource: 'session',
  day: 'day',
  rows: [
    { ...moment, when: { field: 'type', is: mindful } },
    {
      ...moment,
      metric: 'session',
      when: { field: 'type', isNot: mindful },
      note: 'a nap, a rest or a body status is no mindfulness and stands under a name of its own',
    },
    {
      table: 'session.heart_rate',
      fields: ['heart_rate'],
      metric: 'heart_rate',
      aggregation: 'interval_mean',
      time: 'session_series',
      unit: '/min',
      reading: { read: 'sample', none: [0] },
      context: { is: 'session' },
      note: 'mean or instant is not documented; the rows of heartrate with context session are the same heart',
    },
    {
      table: 'session.heart_rate_variability',
      fields: ['heart_rate_variability'],
      metric: 'heart_rate_variability_rmssd',
      aggregation: 'interval_mean',
      time: 'session_series',
      unit: 'ms',
      reading: { read: 'sample', none: [0] },
      note: 'rMSSD, never SDNN',
    },
    {
      table: 'session.motion_count',
      fields: ['motion_count'],
      metric: 'motion_count',
      aggregation: 'interval',
      time: 'session_series',
      unit: '{count}',
      reading: { read: 'sample' },
    },
    {
      table: 'session.mood',
      fields: ['mood'],
      metric: 'mood',
      aggregation: 'session',
      time: 'interval',
      unit: '1',
      reading: { read: 'code', codebook: 'mood' },
      note: 'relative to before the session',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; travels with every point as `day`',
    type: 'the word of the session; decides under which name it stands',
    end_datetime: 'the end of the session',
  },
};

export const vo2MaxMapping: ResourceMapping = {
  resource: 'vo2_max',
  day: 'day',
  rows: [
    {
      table: 'vo2_max.vo2_max',
      fields: ['vo2_max'],
      metric: 'vo2_max',
      aggregation: 'instant',
      time: 'instant',
      unit: 'mL/(min.kg)',
      reading: { read: 'number' },
      note: 'relative to body weight; whether its time is a real instant is not documented',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; travels with the point as `day`',
    timestamp: 'the time of the point',
  },
};
