// heartrate and ring_battery_level: rows without ids, oldest first, at most 30 days a request, the last day without parameters.

import { z } from 'zod';
import { localDay, localToUtcMs } from '../local-time.ts';
import type { DocumentSource, Row, SeriesName } from '../source.ts';
import type { Traps } from '../traps.ts';
import { type Answer, bare, unprocessable } from './http.ts';
import { readBound } from './window.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 30 * DAY_MS;

const tokenSchema = z.object({
  series: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  fields: z.string().nullable(),
});
type Token = z.infer<typeof tokenSchema>;

export interface SeriesQuestion {
  source: DocumentSource;
  series: SeriesName;
  query: URLSearchParams;
  presentMs: number;
}

const readToken = (text: string): Token | null => {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
};

/** A time without a zone is the wearer's. */
function instantMs(text: string, zone: string): number | null {
  const bound = readBound(text);
  if (bound === null) return null;
  if (bound.instantMs !== null) return bound.instantMs;
  const asUtcMs = Date.parse(`${bound.wall}Z`);
  return localToUtcMs(zone, localDay('UTC', asUtcMs), (asUtcMs % DAY_MS) / 60_000);
}

function pick(row: Row, fields: string | null): Record<string, unknown> {
  if (fields === null || fields === '') return row;
  const wanted = new Set(['timestamp', 'timestamp_unix', ...fields.split(',').map((name) => name.trim())]);
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name)));
}

function readWindow({ source, series, query, presentMs }: SeriesQuestion): Token | Answer {
  const texts = { start: query.get('start_datetime'), end: query.get('end_datetime') };
  const given = {
    start: texts.start === null ? undefined : instantMs(texts.start, source.timeZone),
    end: texts.end === null ? undefined : instantMs(texts.end, source.timeZone),
  };
  const invalid = (name: string): Answer =>
    unprocessable(['query', name], 'Input should be a valid datetime', 'datetime_parsing');
  if (given.start === null) return invalid('start_datetime');
  if (given.end === null) return invalid('end_datetime');
  const toMs = given.end ?? (given.start === undefined ? presentMs + 1 : Math.max(presentMs + 1, given.start));
  const fromMs = given.start ?? toMs - DAY_MS;
  if (fromMs > toMs || toMs - fromMs > LONGEST_MS + 1) return bare(400);
  return { series, fromMs, toMs, fields: query.get('fields') };
}

export function listRows(question: SeriesQuestion, settings: { traps: Traps; pageSize: number }): Answer {
  const { source, series, query, presentMs } = question;
  if (query.get('latest')?.toLowerCase() === 'true') {
    const last = source.lastRow(series, presentMs);
    const data = last === null ? [] : [pick(last, query.get('fields'))];
    return { status: 200, json: settings.traps.absentNextToken ? { data } : { data, next_token: null } };
  }
  const given = query.get('next_token');
  const window = given === null ? readWindow(question) : readToken(given);
  if (window === null || ('series' in window && window.series !== series)) return bare(400);
  if ('status' in window) return window;

  const page: Row[] = [];
  let next: Token | null = null;
  for (const row of source.rows(series, window.fromMs, window.toMs, presentMs)) {
    // Rows of the same millisecond stay on one page: the token can then be an instant.
    if (page.length >= settings.pageSize && row.timestamp_unix !== page.at(-1)?.timestamp_unix) {
      next = { ...window, fromMs: row.timestamp_unix };
      break;
    }
    page.push(row);
  }
  const data = page.map((row) => pick(row, window.fields));
  if (next !== null) {
    return { status: 200, json: { data, next_token: Buffer.from(JSON.stringify(next)).toString('base64url') } };
  }
  if (settings.traps.repeatedNextToken && given !== null) return { status: 200, json: { data, next_token: given } };
  return { status: 200, json: settings.traps.absentNextToken ? { data } : { data, next_token: null } };
}
