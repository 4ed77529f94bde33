// heartrate and ring_battery_level: rows without ids, kept as one document per UTC hour.
import type { ResourceMapping } from '../mapping-row.ts';

const noMetric = {
  timestamp: 'the time of the point',
  timestamp_unix: 'the same instant; tells rows of one second apart where `timestamp` has no fraction',
};

export const heartrateMapping: ResourceMapping = {
  resource: 'heartrate',
  rows: [
    {
      table: 'heartrate.bpm',
      fields: ['bpm'],
      metric: 'heart_rate',
      aggregation: 'instant',
      time: 'row_utc',
      unit: '/min',
      reading: { read: 'number', none: [0] },
      context: { field: 'source' },
      each: 'rows',
      note: 'of several rows with one instant and one source the highest is kept, in whatever order they came',
    },
  ],
  noMetric: { ...noMetric, source: 'the context of the point' },
};

export const ringBatteryLevelMapping: ResourceMapping = {
  resource: 'ring_battery_level',
  rows: [
    {
      table: 'ring_battery_level.level',
      fields: ['level'],
      metric: 'ring_battery_level',
      aggregation: 'instant',
      time: 'row_utc',
      unit: '%',
      reading: { read: 'number' },
      each: 'rows',
      note: 'about the device, not the wearer',
    },
    {
      table: 'ring_battery_level.charging,in_charger',
      fields: ['charging'],
      metric: 'ring_charging',
      aggregation: 'instant',
      time: 'row_utc',
      unit: '1',
      reading: { read: 'flag' },
      each: 'rows',
      note: 'also explains gaps: a ring in its charger measures nobody',
    },
    {
      table: 'ring_battery_level.charging,in_charger',
      fields: ['in_charger'],
      metric: 'ring_charging',
      aggregation: 'instant',
      time: 'row_utc',
      unit: '1',
      reading: { read: 'flag' },
      context: { is: 'in_charger' },
      each: 'rows',
    },
  ],
  noMetric,
};
