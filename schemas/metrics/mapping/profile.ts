// personal_info and ring_configuration: what has no time of its own.
import type { MetricRow, ResourceMapping } from '../mapping-row.ts';

const profile = (field: string, metric: string, unit: string): MetricRow => ({
  table: `personal_info.${field}`,
  fields: [field],
  metric,
  aggregation: 'instant',
  time: 'fetch',
  unit,
  reading: { read: 'number', none: [0] },
  note: 'told by the wearer, without a date: the time is when this version of the profile was first fetched',
});

const person = {
  table: 'personal_info.age,biological_sex',
  metric: 'person',
  aggregation: 'fetch',
  time: 'fetch',
  unit: '1',
} as const;

export const personalInfoMapping: ResourceMapping = {
  resource: 'personal_info',
  rows: [
    profile('weight', 'body_weight', 'kg'),
    profile('height', 'body_height', 'm'),
    {
      ...person,
      fields: ['age'],
      reading: { read: 'number' },
      context: { is: 'age' },
      note: 'years when fetched; no birth date is ever computed from it',
    },
    {
      ...person,
      fields: ['biological_sex'],
      reading: { read: 'code', codebook: 'biological_sex' },
      context: { is: 'biological_sex' },
    },
  ],
  noMetric: {
    id: 'Oura’s id of the person',
    email: 'never leaves the archive',
  },
};

export const ringConfigurationMapping: ResourceMapping = {
  resource: 'ring_configuration',
  rows: [
    {
      table: 'ring_configuration.hardware_type,firmware_version,set_up_at',
      fields: ['id'],
      metric: 'ring_configuration',
      aggregation: 'instant',
      time: 'set_up',
      unit: '1',
      reading: { read: 'occurrence', word: 'hardware_type' },
      context: { field: 'firmware_version' },
      note: 'the ring in use has the newest start; the context is its firmware',
    },
  ],
  noMetric: {
    hardware_type: 'the word of the point',
    firmware_version: 'the context of the point',
    set_up_at: 'the time of the point',
    color: 'how the ring looks',
    design: 'how the ring looks',
    size: 'how the ring fits',
  },
};
