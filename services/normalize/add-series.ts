// Executes the rows of the mapping that are read as a whole: samples, and strings of one character per step.
import { readOffsetTime } from '../../schemas/metrics/offset-time.ts';
import type { MetricPoint, MetricSeries, MetricsMessage } from '../../schemas/metrics-message.ts';
import type { Sample } from '../../schemas/oura/parts.ts';
import type { PlannedSeries } from './planned-row.ts';
import { readContext } from './read-point.ts';
import { characterValues, clipped, runsOf, sampleValues } from './read-series.ts';
import { type ReadingContext, textAt, valueAt } from './reading-context.ts';

/** Where a series of a time rule begins: at its own timestamp if it has one, else at this field of the document. */
const startFields: Readonly<Record<string, string>> = {
  sleep_series: 'bedtime_start',
  hypnogram: 'bedtime_start',
  movement: 'bedtime_start',
  session_series: 'start_datetime',
  activity_series: 'timestamp',
  activity_class: 'timestamp',
};

function startOf(row: PlannedSeries, ownTimestamp: string | undefined, context: ReadingContext) {
  const field = startFields[row.time] ?? 'timestamp';
  const text = ownTimestamp ?? textAt(context.document, field);
  const start = text === undefined ? undefined : readOffsetTime(text);
  if (!start) {
    const what = `${row.fields[0]} begins at ${field}: expected a time with an offset`;
    context.problems.push({ reason: 'unplaceable_time', what });
  }
  return start;
}

function seriesOf(row: PlannedSeries, start: string, intervalS: number, context: ReadingContext): MetricSeries {
  const word = readContext(row.context, context.document);
  return {
    metric: row.metric,
    aggregation: row.aggregation,
    ...(word !== undefined && { context: word }),
    unit: row.unit,
    start,
    interval_s: intervalS,
    values: [],
  };
}

export function addSeries(row: PlannedSeries, context: ReadingContext, message: MetricsMessage): void {
  if (row.reading.read === 'sample') addSample(row, row.reading.none ?? [], context, message);
  else addCharacters(row, row.reading, context, message);
}

function addSample(
  row: PlannedSeries,
  none: readonly number[],
  context: ReadingContext,
  message: MetricsMessage,
): void {
  const sample = valueAt(context.document, row.path) as Sample | null | undefined;
  const values = sample ? sampleValues(sample, none, row.field, context) : undefined;
  if (!sample || !values) return;
  const start = startOf(row, sample.timestamp, context);
  if (start) message.series.push({ ...seriesOf(row, start.text, sample.interval, context), values });
}

type Characters = Extract<PlannedSeries['reading'], { read: 'characters' }>;

function addCharacters(
  row: PlannedSeries,
  { codebook, stepsS }: Characters,
  context: ReadingContext,
  message: MetricsMessage,
): void {
  const given = row.fields.findIndex((field) => textAt(context.document, field) !== undefined);
  const field = row.fields[given];
  const stepS = stepsS[given];
  if (field === undefined || stepS === undefined) return;
  const values = characterValues(textAt(context.document, field) ?? '', codebook, field, context);
  const start = startOf(row, undefined, context);
  if (!start) return;
  const endText = row.time === 'activity_class' ? undefined : textAt(context.document, 'bedtime_end');
  const end = endText === undefined ? undefined : readOffsetTime(endText);
  const endMs = end?.ms ?? Number.POSITIVE_INFINITY;
  if (row.time === 'hypnogram') {
    const { metric, aggregation, unit } = row;
    for (const { start: from, end: to, value, text } of runsOf(values, { start, stepS, endMs, codebook })) {
      const point: MetricPoint = { metric, aggregation, unit, start: from, end: to, value };
      if (text !== undefined) point.text = text;
      message.points.push(point);
    }
    return;
  }
  const inside = clipped(values, start.ms, stepS, endMs);
  if (inside.every((value) => value === null)) return;
  const isCut = end !== undefined && start.ms + inside.length * stepS * 1000 > endMs;
  message.series.push({
    ...seriesOf(row, start.text, stepS, context),
    ...(isCut && { end: end.text }),
    values: inside,
  });
}
