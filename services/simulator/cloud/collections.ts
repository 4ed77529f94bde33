// The document routes: lists in pages and single documents. A page is filled day by day, so a window of years costs no more per
// page than one of a week; the token says where the next page begins.

import { z } from 'zod';
import { dayOfIso, formatLocal } from '../local-time.ts';
import { uniformOf } from '../prng.ts';
import type { OuraDocument, Resource } from '../ring/document-history.ts';
import type { DocumentSource } from '../source.ts';
import type { Traps } from '../traps.ts';
import { type CollectionFact, collections } from './catalogue.ts';
import { type Answer, bare, unprocessable } from './http.ts';
import { anchorOf, defaultBounds, isWithin, readBound, type Window } from './window.ts';

const tokenSchema = z.object({
  resource: z.string(),
  start: z.string(),
  end: z.string(),
  fields: z.string().nullable(),
  day: z.number(),
});

export interface ListSettings {
  traps: Traps;
  pageSize: number;
}

const readToken = (text: string): z.infer<typeof tokenSchema> | null => {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
};

const writeToken = (token: z.infer<typeof tokenSchema>): string =>
  Buffer.from(JSON.stringify(token)).toString('base64url');

/** Always returned: the id and the day. */
export function withFields(document: OuraDocument, fields: string | null, always: readonly string[]): OuraDocument {
  if (fields === null || fields === '') return document;
  const wanted = new Set([...always, ...fields.split(',').map((name) => name.trim())]);
  const kept = Object.entries(document).filter(([name]) => wanted.has(name));
  return { id: document.id, ...Object.fromEntries(kept) };
}

const invalid = (name: string): Answer =>
  unprocessable(['query', name], 'Input should be a valid date or datetime', 'date_from_datetime_parsing');

interface Question {
  source: DocumentSource;
  resource: Resource;
  query: URLSearchParams;
  presentMs: number;
}

function arrange(documents: OuraDocument[], fact: CollectionFact, traps: Traps): OuraDocument[] {
  const key = (document: OuraDocument): string | number =>
    traps.unorderedLists ? uniformOf('order', document.id) : anchorOf(document, fact);
  return documents
    .map((document) => ({ document, at: key(document) }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ document }) => document);
}

export function listDocuments({ source, resource, query, presentMs }: Question, settings: ListSettings): Answer {
  const fact = collections[resource];
  const { traps } = settings;
  const given = query.get('next_token');
  const resumed = given === null ? null : readToken(given);
  if (given !== null && (resumed === null || resumed.resource !== resource)) return bare(400);
  const fields = fact.hasFields ? (resumed?.fields ?? query.get('fields')) : null;
  const pick = (document: OuraDocument): OuraDocument => withFields(document, fields, ['id', fact.dayField]);
  if (resource === 'ring_configuration') {
    const rings = arrange(source.undated(resource, presentMs), fact, traps);
    return { status: 200, json: { data: rings.map(pick), next_token: null } };
  }

  const nowWall = formatLocal(source.timeZone, presentMs).slice(0, 19);
  const asked = resumed ?? defaultBounds(query.get('start_date'), query.get('end_date'), nowWall);
  const start = readBound(asked.start);
  const end = readBound(asked.end);
  if (start === null) return invalid('start_date');
  if (end === null) return invalid('end_date');
  if (start.wall > end.wall) return bare(400);
  const window: Window = { start, end };

  const known = source.days(presentMs);
  const firstDay = Math.max(known.first, dayOfIso(start.wall.slice(0, 10)) - 3);
  const lastDay = Math.min(known.last, dayOfIso(end.wall.slice(0, 10)) + 3);
  const page: OuraDocument[] = [];
  let day = resumed?.day ?? firstDay;
  for (; day <= lastDay && page.length < settings.pageSize; day += 1) {
    const documents = source.documentsOfDay(resource, day, presentMs);
    page.push(...documents.filter((document) => isWithin(document, fact, window, traps.windowByInstant)));
  }
  const isLast = day > lastDay;
  const next = isLast ? null : writeToken({ resource, start: asked.start, end: asked.end, fields, day });
  const repeated = isLast && traps.repeatedNextToken ? given : null;
  return { status: 200, json: { data: arrange(page, fact, traps).map(pick), next_token: next ?? repeated } };
}

export function singleDocument({ source, resource, presentMs }: Question, id: string): Answer {
  const document = source.find(resource, id, presentMs);
  return document === null ? bare(404) : { status: 200, json: document };
}
