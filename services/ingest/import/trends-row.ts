// One line of a trends file becomes up to four documents in the form of the API, with ids made of the day, marked as what they are. A cell
// that cannot be read is a problem of that cell; a night without its beginning has no place in time and is left out. Pure.
import { type StandInResource, standInId } from '../versions/stand-ins.ts';
import type { TrendsColumn } from './trends-columns.ts';

export interface TrendsCell {
  column: TrendsColumn;
  header: string;
  text: string;
}

export interface TrendsDocument {
  resource: StandInResource;
  objectId: string;
  document: Readonly<Record<string, unknown>>;
}

export interface TrendsRow {
  documents: TrendsDocument[];
  problems: string[];
}

/** Tells our documents from Oura's, for people who meet one in the archive. */
const mark = { imported_from: 'oura_trends_csv' } as const;

/** Oura's own line between a nap and a night. */
const longSleepS = 3 * 3600;

const isEmpty = (text: string): boolean => /^(|none|null|nan|n\/a|-)$/i.test(text);
const numberPattern = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function readCell({ column, header, text }: TrendsCell): number | string | { problem: string } {
  if (column.kind === 'instant')
    return instantPattern.test(text) && !Number.isNaN(Date.parse(text))
      ? text
      : { problem: `${header}: expected a time with its offset, got "${text.slice(0, 40)}"` };
  return numberPattern.test(text)
    ? Number(text)
    : { problem: `${header}: expected a number, got "${text.slice(0, 40)}"` };
}

export function readTrendsRow(day: string, cells: readonly TrendsCell[]): TrendsRow {
  const problems: string[] = [];
  const fields = new Map<StandInResource, Record<string, unknown>>();
  for (const cell of cells) {
    const text = cell.text.trim();
    if (isEmpty(text)) continue;
    const value = readCell({ ...cell, text });
    if (typeof value === 'object') {
      problems.push(value.problem);
      continue;
    }
    const { resource, field } = cell.column;
    const document = fields.get(resource) ?? {};
    fields.set(resource, document);
    place(document, field, value);
  }
  const night = fields.get('sleep');
  if (night && night.bedtime_start === undefined) {
    problems.push('the night has no Bedtime Start, so nobody knows when it was: left out');
    fields.delete('sleep');
  }
  // By Oura's own definition of the type; a shorter one may be a nap or not.
  if (night && Number(night.time_in_bed) >= longSleepS) night.type = 'long_sleep';
  const documents = [...fields].map(([resource, document]) => ({
    resource,
    objectId: standInId(day),
    document: { id: standInId(day), day, ...document, ...mark },
  }));
  return { documents, problems };
}

function place(document: Record<string, unknown>, [first, second]: TrendsColumn['field'], value: unknown): void {
  if (second === undefined) {
    document[first] = value;
    return;
  }
  const inner = document[first];
  document[first] = { ...(typeof inner === 'object' ? inner : {}), [second]: value };
}
