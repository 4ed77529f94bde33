// A message as the rows in which a store keeps it: one per series, one per group of instants of one metric, one per other point. A day of METs is one
// row of 5 kB instead of 1,440 rows. No row spans more than `longestSpanMs`, so a reader of a time range knows how far back a row may begin.
// Times are written in one form, so whoever wrote the message, both stores answer the same text.
import { formatOffsetTime, parseOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { MetricPoint, MetricSeries, MetricsMessage } from '../../../schemas/metrics-message.ts';
import { isDate, placementMs } from './placement.ts';

export interface PackedRow {
  metric: string;
  aggregation: string;
  context: string | null;
  unit: string;
  first_ms: number;
  last_ms: number;
  /** The start of the first point. */
  start_text: string;
  /** Of a single point its end; of a series where its last item ends, if that is before its interval is over. */
  end_text: string | null;
  interval_s: number | null;
  value: number | null;
  word: string | null;
  /** Of a series the JSON of its values; of a group that of its points as `GroupItem`s. */
  items: string | null;
}

/** Milliseconds after the first point, its length in milliseconds or null, the value, Oura's word or null. */
export type GroupItem = readonly [sinceFirstMs: number, lengthMs: number | null, value: number, word: string | null];

export const longestSpanMs = 36 * 3_600_000;

export function packMessage(message: MetricsMessage): PackedRow[] {
  return [...message.series.flatMap(packSeries), ...packPoints(message.points)];
}

const dimensions = ({ metric, aggregation, context, unit }: MetricPoint | MetricSeries) => ({
  metric,
  aggregation,
  context: context ?? null,
  unit,
});

const canonical = (text: string): string => {
  const time = isDate(text) ? undefined : parseOffsetTime(text);
  return time ? formatOffsetTime(time.ms, time.offsetMinutes) : text;
};

function packSeries(series: MetricSeries): PackedRow[] {
  const stepMs = series.interval_s * 1000;
  const itemsPerRow = Math.max(1, Math.floor(longestSpanMs / stepMs));
  const offsetMinutes = parseOffsetTime(series.start)?.offsetMinutes ?? null;
  const startMs = placementMs(series.start);
  const rows: PackedRow[] = [];
  for (let from = 0; from < series.values.length; from += itemsPerRow) {
    const values = series.values.slice(from, from + itemsPerRow);
    const isLast = from + values.length === series.values.length;
    const firstMs = Math.round(startMs + from * stepMs);
    rows.push({
      ...dimensions(series),
      first_ms: firstMs,
      last_ms: Math.round(startMs + (from + values.length - 1) * stepMs),
      start_text: formatOffsetTime(firstMs, offsetMinutes),
      end_text: isLast && series.end !== undefined ? canonical(series.end) : null,
      interval_s: series.interval_s,
      value: null,
      word: null,
      items: JSON.stringify(values),
    });
  }
  return rows;
}

interface Placed {
  point: MetricPoint;
  ms: number;
  offsetMinutes: number | null;
  lengthMs: number | null;
}

/** Undefined for a point that has to be kept with its texts: a date, or one whose end has another offset than its start. */
function place(point: MetricPoint): Placed | undefined {
  const start = isDate(point.start) ? undefined : parseOffsetTime(point.start);
  if (!start) return undefined;
  if (point.end === undefined) return { point, ...start, lengthMs: null };
  const end = isDate(point.end) ? undefined : parseOffsetTime(point.end);
  if (!end || end.offsetMinutes !== start.offsetMinutes) return undefined;
  return { point, ...start, lengthMs: end.ms - start.ms };
}

const single = (point: MetricPoint): PackedRow => ({
  ...dimensions(point),
  first_ms: placementMs(point.start),
  last_ms: placementMs(point.start),
  start_text: canonical(point.start),
  end_text: point.end === undefined ? null : canonical(point.end),
  interval_s: null,
  value: point.value,
  word: point.text ?? null,
  items: null,
});

function packPoints(points: readonly MetricPoint[]): PackedRow[] {
  const groups = new Map<string, Placed[]>();
  const rows: PackedRow[] = [];
  for (const point of points) {
    const placed = place(point);
    if (!placed) rows.push(single(point));
    else {
      const key = `${point.metric} ${point.aggregation} ${point.context ?? ''} ${point.unit} ${placed.offsetMinutes}`;
      const group = groups.get(key);
      if (group) group.push(placed);
      else groups.set(key, [placed]);
    }
  }
  return [...rows, ...[...groups.values()].flatMap(packGroup)];
}

function packGroup(group: Placed[]): PackedRow[] {
  if (group.length > 1) group.sort((a, b) => a.ms - b.ms);
  const rows: PackedRow[] = [];
  let from = 0;
  for (let index = 1; index <= group.length; index += 1) {
    const first = group[from];
    const next = group[index];
    if (!first || (next && next.ms - first.ms <= longestSpanMs)) continue;
    rows.push(packSpan(first, group.slice(from, index)));
    from = index;
  }
  return rows;
}

function packSpan(first: Placed, span: readonly Placed[]): PackedRow {
  if (span.length === 1) return single(first.point);
  const items = span.map(
    ({ ms, lengthMs, point }): GroupItem => [ms - first.ms, lengthMs, point.value, point.text ?? null],
  );
  return {
    ...dimensions(first.point),
    first_ms: first.ms,
    last_ms: span.at(-1)?.ms ?? first.ms,
    start_text: formatOffsetTime(first.ms, first.offsetMinutes),
    end_text: null,
    interval_s: null,
    value: null,
    word: null,
    items: JSON.stringify(items),
  };
}
