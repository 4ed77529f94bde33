// Rows without ids become documents of one UTC hour: a list of the rows exactly as Oura wrote them, in the order of their time. Only
// hours that the window covers whole are made, so an hour is never cut by the edge of a question. Pure.
import type { CutDocument } from '../versions/cut-documents.ts';
import { MalformedJson } from '../versions/json-spans.ts';
import type { Window } from './decide-window.ts';

export interface HourDocument {
  /** The UTC hour, `2026-11-23T07`. */
  objectId: string;
  bytes: Uint8Array;
  value: unknown[];
  rowCount: number;
}

interface Row extends CutDocument {
  atMs: number;
}

const hourMs = 3_600_000;
const opening = Buffer.from('[');
const comma = Buffer.from(',');
const closing = Buffer.from(']');

/** @throws MalformedJson for a row without a timestamp */
export function hourDocuments(rows: readonly CutDocument[], { fromMs, toMs }: Window): HourDocument[] {
  const hours = new Map<number, Row[]>();
  for (const row of rows) {
    const atMs = timestampMs(row);
    const hour = Math.floor(atMs / hourMs) * hourMs;
    if (hour < fromMs || hour + hourMs > toMs) continue;
    const sameHour = hours.get(hour);
    if (sameHour) sameHour.push({ ...row, atMs });
    else hours.set(hour, [{ ...row, atMs }]);
  }
  return [...hours].sort(([a], [b]) => a - b).map(([hour, hourRows]) => hourDocument(hour, hourRows));
}

function hourDocument(hour: number, rows: Row[]): HourDocument {
  // Several rows may carry the same second; their bytes give them an order that does not depend on the pages they came on.
  rows.sort((a, b) => a.atMs - b.atMs || Buffer.compare(a.bytes, b.bytes));
  // A row that was read twice, because pages moved while they were read, is one row.
  const distinct = rows.filter((row, index) => {
    const before = rows[index - 1];
    return !before || Buffer.compare(before.bytes, row.bytes) !== 0;
  });
  const parts = distinct.flatMap((row, index) => (index === 0 ? [row.bytes] : [comma, row.bytes]));
  return {
    objectId: hourId(hour),
    bytes: Buffer.concat([opening, ...parts, closing]),
    value: distinct.map((row) => row.value),
    rowCount: distinct.length,
  };
}

export const hourId = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

function timestampMs({ value }: CutDocument): number {
  const { timestamp } = value;
  const atMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(atMs)) throw new MalformedJson('a row has no timestamp that can be read');
  return atMs;
}
