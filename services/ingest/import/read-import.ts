// From a file that people have to the documents in it, one by one: which form the file has, which resource each record is, and what is wrong
// with those that are none. Writes nothing and waits for nothing but the bytes.
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import { MalformedJson, parseSpan } from '../versions/json-spans.ts';
import { maxDocumentBytes } from '../versions/record-documents.ts';
import { type FoundNote, type FoundProblem, type FoundRecord, readJson } from './read-json.ts';
import { readTrends } from './read-trends.ts';
import { type Fields, type Hints, recogniseRecord, resourceOfFileName } from './recognise-record.ts';

export interface ImportSource {
  /** As the person knows it: its ending and words in it are hints, and problems name it. */
  fileName: string;
  /** What the person says the records are. */
  type?: ResourceName;
}

interface Origin {
  resource: ResourceName;
  place: string;
  /** When the file says that Oura answered this. */
  readAtMs?: number;
}

export interface ImportedDocument extends Origin {
  kind: 'document';
  objectId: string;
  /** Exactly as they stand in the file; of a line of a CSV, the document we made of it. */
  bytes: Uint8Array;
  value: Fields;
  /** Made of a day's totals: gives way to Oura's own document of the day. */
  isStandIn: boolean;
}

/** A row without an id, which becomes part of an hour. */
export interface ImportedRow extends Origin {
  kind: 'row';
  bytes: Uint8Array;
  value: Fields;
}

export type ImportItem = ImportedDocument | ImportedRow | FoundProblem | FoundNote;

export async function* readImport(
  chunks: AsyncIterable<Uint8Array>,
  { fileName, type }: ImportSource,
): AsyncGenerator<ImportItem> {
  const { start, all } = await begin(chunks);
  const form = formOf(fileName, start);
  if (form === 'packed') {
    yield { kind: 'problem', place: 'the file', reason: 'the file is packed: unpack it and import what is inside' };
    return;
  }
  if (form === 'empty') {
    yield { kind: 'problem', place: 'the file', reason: 'the file is empty' };
    return;
  }
  if (form === 'csv') {
    for await (const found of readTrends(all)) {
      if (found.kind !== 'stand-in') yield found;
      else {
        const { place, objectId, document: value } = found;
        const bytes = Buffer.from(JSON.stringify(value));
        yield { kind: 'document', resource: found.resource, objectId, bytes, value, place, isStandIn: true };
      }
    }
    return;
  }
  const hints: Hints = { type, file: resourceOfFileName(fileName) };
  for await (const found of readJson(all, maxDocumentBytes))
    yield found.kind === 'record' ? itemOf(found, hints) : found;
}

function itemOf({ bytes, place, key, readAtMs }: FoundRecord, hints: Hints): ImportItem {
  const fields = fieldsOf(bytes);
  if ('problem' in fields) return { kind: 'problem', place, reason: fields.problem, bytes };
  const recognised = recogniseRecord(fields.value, { ...hints, key });
  if ('problem' in recognised) return { kind: 'problem', place, reason: recognised.problem, bytes };
  const { resource: name, objectId } = recognised;
  const origin = { resource: name, place, bytes, value: fields.value, ...(readAtMs !== undefined && { readAtMs }) };
  if (objectId !== undefined) return { kind: 'document', objectId, isStandIn: false, ...origin };
  return { kind: 'row', ...origin };
}

function fieldsOf(bytes: Uint8Array): { value: Fields } | { problem: string } {
  try {
    return { value: parseSpan(bytes, { start: 0, end: bytes.length }) as Fields };
  } catch (error) {
    if (error instanceof MalformedJson) return { problem: `not JSON: ${error.message}` };
    throw error;
  }
}

type Form = 'json' | 'csv' | 'packed' | 'empty';

function formOf(fileName: string, start: Uint8Array): Form {
  if (start.length === 0) return 'empty';
  if ((start[0] === 0x50 && start[1] === 0x4b) || (start[0] === 0x1f && start[1] === 0x8b)) return 'packed';
  if (/\.csv$/i.test(fileName)) return 'csv';
  const text = new TextDecoder().decode(start).trimStart();
  return /^[[{]/.test(text) || /\.(json|ndjson|jsonl)$/i.test(fileName) ? 'json' : 'csv';
}

/** The first bytes, and all chunks with them. */
async function begin(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ start: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < 64) {
    const next = await source.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (start.length > 0) yield start;
    yield* { [Symbol.asyncIterator]: () => source };
  }
  return { start, all: all() };
}
