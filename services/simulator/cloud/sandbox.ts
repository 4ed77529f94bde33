// The sandbox twins: the same routes with Oura's degenerate sample values, for anybody with any Authorization header. No `fields`,
// no `latest`. Nothing here is the data of a simulated person.

import { dayOfIso, isoDay } from '../local-time.ts';
import type { Json, OuraDocument, Resource } from '../ring/document-history.ts';
import type { DocumentSource, SeriesName } from '../source.ts';
import { type Answer, bare } from './http.ts';

const MOST_DAYS = 10;
const MOST_DAYS_BACK = 90;
const degenerateFields = new Set([
  'bedtime_start',
  'bedtime_end',
  'start_datetime',
  'end_datetime',
  'start_time',
  'end_time',
  'timestamp',
]);
const noPhases = new Set(['sleep_phase_5_min', 'sleep_phase_30_sec', 'sleep_analysis_reason', 'ring_id']);

const sandboxId = (resource: string, ordinal: number, day: number): string => {
  const [year, month, date] = isoDay(day).split('-').map(Number);
  return `${resource}-${ordinal}-${year}-${month}-${date}`;
};

/** All times are midnight of the day, so that everything starts and ends at once. */
function degenerate(document: OuraDocument, resource: Resource, ordinal: number, day: number): OuraDocument {
  const midnight = `${isoDay(day)}T00:00:00.000+00:00`;
  const fields = Object.entries(document).map(([name, value]): [string, Json] => {
    if (noPhases.has(name)) return [name, null];
    if (name === 'day' || name === 'start_day') return [name, isoDay(day)];
    return [name, degenerateFields.has(name) && value !== null ? midnight : value];
  });
  return { ...Object.fromEntries(fields), id: sandboxId(resource, ordinal, day) };
}

/** The last one at or before the day: the sandbox has something of everything, however rare. */
function documentOn(source: DocumentSource, resource: Resource, day: number, presentMs: number): OuraDocument | null {
  if (resource === 'ring_configuration') return source.undated(resource, presentMs)[0] ?? null;
  for (let before = 0; before < MOST_DAYS_BACK; before += 1) {
    const [document] = source.documentsOfDay(resource, day - before, presentMs);
    if (document !== undefined) return document;
  }
  return null;
}

function requestedDays(query: URLSearchParams, presentMs: number): number[] {
  const today = Math.floor(presentMs / 86_400_000);
  const dayIn = (text: string | null, fallback: number): number => {
    const day = text === null ? fallback : dayOfIso(text.slice(0, 10));
    return Number.isNaN(day) ? fallback : day;
  };
  const last = Math.min(today, dayIn(query.get('end_date'), today));
  const first = Math.max(last - MOST_DAYS + 1, dayIn(query.get('start_date'), last - 1));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

export function sandboxList(
  source: DocumentSource,
  resource: Resource,
  query: URLSearchParams,
  presentMs: number,
): Answer {
  const days =
    resource === 'ring_configuration' ? [Math.floor(presentMs / 86_400_000)] : requestedDays(query, presentMs);
  const data = days.flatMap((day, ordinal) => {
    const document = documentOn(source, resource, day, presentMs);
    return document === null ? [] : [degenerate(document, resource, ordinal, day)];
  });
  return { status: 200, json: { data, next_token: null } };
}

export function sandboxDocument(source: DocumentSource, resource: Resource, id: string, presentMs: number): Answer {
  const match = id.startsWith(`${resource}-`) ? /-(\d+)-(\d+)-(\d+)-(\d+)$/.exec(id) : null;
  if (match === null) return bare(404);
  const [, ordinal, year, month, date] = match.map(Number);
  const day = Math.floor(Date.UTC(year ?? 0, (month ?? 1) - 1, date ?? 1) / 86_400_000);
  const document = documentOn(source, resource, day, presentMs);
  return document === null ? bare(404) : { status: 200, json: degenerate(document, resource, ordinal ?? 0, day) };
}

/** Rows with a `Z`, and with a field that only the sandbox has. */
export function sandboxRows(source: DocumentSource, series: SeriesName, presentMs: number): Answer {
  const rows = [...source.rows(series, presentMs - 86_400_000, presentMs, presentMs)].slice(0, 20);
  const data = rows.map((row) => ({
    ...row,
    timestamp: row.timestamp.replace('+00:00', 'Z'),
    ...(series === 'heartrate' ? { producer_timestamp: row.timestamp.replace('+00:00', 'Z') } : {}),
  }));
  return { status: 200, json: { data, next_token: null } };
}
