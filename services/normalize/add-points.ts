// Executes the rows of the mapping that give single points: one of the document, or one per item of a list in it.
import type { MetricPoint, MetricsMessage } from '../../schemas/metrics-message.ts';
import { itemsOf, onePerIdentity } from './each-item.ts';
import type { PlannedPoint } from './planned-row.ts';
import { readContext, readPoint } from './read-point.ts';
import { type Fields, type ReadingContext, valueAt } from './reading-context.ts';
import { pointRules } from './time-rules.ts';

export function addPoints(row: PlannedPoint, context: ReadingContext, message: MetricsMessage): void {
  if (row.each === undefined) {
    const point = pointOf(row, context.document, undefined, context);
    if (point) message.points.push(point);
    return;
  }
  const points: MetricPoint[] = [];
  for (const { fields, word } of itemsOf(row.each, context.document)) {
    const point = pointOf(row, fields, word, context);
    if (point) points.push(point);
  }
  for (const point of onePerIdentity(points)) message.points.push(point);
}

function pointOf(
  row: PlannedPoint,
  fields: Fields,
  word: string | undefined,
  context: ReadingContext,
): MetricPoint | undefined {
  if (row.when && !holds(row.when, fields)) return undefined;
  // A list stands for its items: what is counted is the item at hand.
  const value = row.each === 'tags' || row.each === 'episodes' ? true : valueAt(fields, row.path);
  const other = row.otherPath && valueAt(fields, row.otherPath);
  const read = readPoint(row.reading, { value, other, fields, field: row.field }, context);
  if (!read) return undefined;
  const period = periodOf(row, fields, context);
  if (!period) {
    const what = `${row.field}: expected a time with an offset (${row.time})`;
    context.problems.push({ reason: 'unplaceable_time', what });
    return undefined;
  }
  const point: MetricPoint = {
    metric: row.metric,
    aggregation: row.aggregation,
    unit: row.unit,
    start: period.start,
    value: read.value,
  };
  const name = readContext(row.context, fields, word);
  if (name !== undefined) point.context = name;
  if (period.end !== undefined) point.end = period.end;
  if (read.text !== undefined) point.text = read.text;
  return point;
}

const holds = (when: NonNullable<PlannedPoint['when']>, fields: Fields): boolean => {
  const value = String(fields[when.field]);
  return 'is' in when ? when.is.includes(value) : !when.isNot.includes(value);
};

/** All points of a document by one rule have one time. */
function periodOf(row: PlannedPoint, fields: Fields, context: ReadingContext) {
  if (row.each !== undefined) return pointRules[row.time](fields, context);
  if (context.lastPeriod?.rule !== row.time) {
    context.lastPeriod = { rule: row.time, period: pointRules[row.time](fields, context) };
  }
  return context.lastPeriod.period;
}
