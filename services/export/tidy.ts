// The tidy table: one row per metric and time, everything Oura said, in UCUM units. All other exports derive from it, and tests compare stores by
// it, so the same points give the same bytes: fixed fields, fixed order, one way to write a number or a time.
// Rows come as text in chunks, so years of data pass in flat memory.
import { formatOffset } from '../../schemas/metrics/offset-time.ts';
import type { StoredPoint } from '../storage/metric-store/metric-store.ts';
import { csvLine } from './csv.ts';

export const tidyFields = [
  'user',
  'metric',
  'aggregation',
  'resource',
  'context',
  'start',
  'end',
  'day',
  'utc_offset',
  'value',
  'unit',
  'text',
  'document',
  'version',
  'first_seen',
  'algorithm',
] as const;

export type TidyRow = Record<(typeof tidyFields)[number], string | number | null>;
export type TidyFormat = 'ndjson' | 'csv';

/** `end` is null for an instant, `utc_offset` where the wearer's is not known; a date in `start` is a civil day whose zone nobody told. */
export const tidyRow = (point: StoredPoint): TidyRow => ({
  user: point.user,
  metric: point.metric,
  aggregation: point.aggregation,
  resource: point.resource,
  context: point.context,
  start: point.start,
  end: point.end,
  day: point.day,
  utc_offset: point.utcOffsetMinutes === null ? null : formatOffset(point.utcOffsetMinutes),
  value: point.value,
  unit: point.unit,
  text: point.text,
  document: point.document,
  version: point.version,
  first_seen: point.firstSeen,
  algorithm: point.algorithm,
});

const chunkLength = 64 * 1024;

/** The table as text; `onRows` hears how many rows have been written so far. */
export async function* writeTidy(
  points: AsyncIterable<StoredPoint>,
  format: TidyFormat,
  onRows: (rows: number) => void = () => {},
): AsyncGenerator<string> {
  let chunk = format === 'csv' ? csvLine(tidyFields) : '';
  let rows = 0;
  for await (const point of points) {
    const row = tidyRow(point);
    chunk += format === 'csv' ? csvLine(tidyFields.map((field) => row[field])) : `${JSON.stringify(row)}\n`;
    rows += 1;
    if (chunk.length < chunkLength) continue;
    onRows(rows);
    yield chunk;
    chunk = '';
  }
  onRows(rows);
  if (chunk !== '') yield chunk;
}
