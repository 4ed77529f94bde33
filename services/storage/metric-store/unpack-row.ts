// A packed row as the points it holds. A point is only written out when somebody takes it: sorting and averaging need its time and value alone.
import { metricCatalogue } from '../../../schemas/metrics/catalogue.ts';
import { wordOf } from '../../../schemas/metrics/codebooks.ts';
import { formatOffsetTime, parseOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { StoredPoint } from './metric-store.ts';
import type { GroupItem, PackedRow } from './pack-message.ts';
import { isDate } from './placement.ts';

/** What the document says of all its points. */
export interface DocumentFacts {
  user_id: string;
  resource: string;
  object_id: string;
  version: number;
  known_at: string;
  day: string | null;
  algorithm: string | null;
}

export interface RowPoint {
  /** Where it stands (placement.ts). */
  ms: number;
  value: number;
  /** Milliseconds; null for an instant, or where the row keeps the end as text. */
  lengthMs: number | null;
  word: string | null;
}

/** The points of a row in the order of time; gaps of a series are none. */
export function pointsOf(row: PackedRow): RowPoint[] {
  if (row.items === null) return [{ ms: row.first_ms, value: row.value ?? 0, lengthMs: null, word: row.word }];
  if (row.interval_s === null) {
    const items: readonly GroupItem[] = JSON.parse(row.items);
    return items.map(([sinceFirstMs, lengthMs, value, word]) => ({
      ms: row.first_ms + sinceFirstMs,
      value,
      lengthMs,
      word,
    }));
  }
  return seriesPoints(row, row.items, row.interval_s * 1000);
}

function seriesPoints(row: PackedRow, items: string, stepMs: number): RowPoint[] {
  const values: readonly (number | null)[] = JSON.parse(items);
  const codebook = metricCatalogue.get(row.metric)?.codebook;
  const endMs =
    row.end_text === null ? Number.POSITIVE_INFINITY : (parseOffsetTime(row.end_text)?.ms ?? Number.POSITIVE_INFINITY);
  const points: RowPoint[] = [];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const ms = Math.round(row.first_ms + index * stepMs);
    const lengthMs = Math.round(Math.min(row.first_ms + (index + 1) * stepMs, endMs)) - ms;
    const word = codebook === undefined ? null : (wordOf(codebook, value) ?? null);
    points.push({ ms, value, lengthMs, word });
  }
  return points;
}

export function storedPoint(row: PackedRow, document: DocumentFacts, point: RowPoint): StoredPoint {
  const offsetMinutes = isDate(row.start_text) ? null : (parseOffsetTime(row.start_text)?.offsetMinutes ?? null);
  const isSingle = row.items === null;
  const end = point.lengthMs === null ? null : formatOffsetTime(point.ms + point.lengthMs, offsetMinutes);
  return {
    user: document.user_id,
    metric: row.metric,
    aggregation: row.aggregation,
    resource: document.resource,
    context: row.context,
    start: isSingle ? row.start_text : formatOffsetTime(point.ms, offsetMinutes),
    end: isSingle ? row.end_text : end,
    day: document.day,
    utcOffsetMinutes: offsetMinutes,
    value: point.value,
    unit: row.unit,
    text: point.word,
    document: `${document.resource}/${document.object_id}`,
    version: document.version,
    firstSeen: document.known_at,
    algorithm: document.algorithm,
  };
}
