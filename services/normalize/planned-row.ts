// The mapping made ready to execute: rows that are emitted, sorted out by how they are read, with their paths split once.

import { isEmitted, mapping } from '../../schemas/metrics/mapping.ts';
import type { Context, MetricRow, Reading } from '../../schemas/metrics/mapping-row.ts';
import type { ResourceName } from '../../schemas/oura/resources.ts';
import { isPointRule, type PointRule } from './time-rules.ts';

type SeriesReading = Extract<Reading, { read: 'sample' | 'characters' }>;
export type PointReading = Exclude<Reading, SeriesReading>;

interface Planned {
  metric: string;
  aggregation: string;
  unit: string;
  fields: readonly string[];
  /** The first of them. */
  field: string;
  /** The paths of the first field and, for a difference, of the second. */
  path: readonly string[];
  otherPath: readonly string[] | undefined;
  context: Context | undefined;
}

export interface PlannedSeries extends Planned {
  kind: 'series';
  reading: SeriesReading;
  time: MetricRow['time'];
}

export interface PlannedPoint extends Planned {
  kind: 'point';
  reading: PointReading;
  time: PointRule;
  each: MetricRow['each'];
  when: MetricRow['when'];
}

export type PlannedRow = PlannedSeries | PlannedPoint;

const isSeries = (reading: Reading): reading is SeriesReading =>
  reading.read === 'sample' || reading.read === 'characters';

function plan(row: MetricRow): PlannedRow {
  const { metric, aggregation, unit, fields, reading, time } = row;
  const [path = [], otherPath] = fields.map((field) => field.split('.'));
  const planned = { metric, aggregation, unit, fields, field: fields[0] ?? '', path, otherPath, context: row.context };
  if (isSeries(reading)) return { kind: 'series', ...planned, reading, time };
  if (!isPointRule(time)) throw new Error(`${row.table}: the time rule ${time} is for series`);
  return { kind: 'point', ...planned, reading, time, each: row.each, when: row.when };
}

const plans = new Map(
  Object.values(mapping).map(({ resource, rows }) => [resource, rows.filter(isEmitted).map(plan)] as const),
);

export const planOf = (resource: ResourceName): readonly PlannedRow[] => plans.get(resource) ?? [];
