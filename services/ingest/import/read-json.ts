// Finds the records in a JSON file of unknown shape: an answer of the API (`{"data": [...]}`), an object with a list or an answer per resource
// (also wrapped in `data`), a list, a single record, or several of these one after the other. Records come one by one with their place and
// exact bytes, so a file of any size passes through a small window. What a record is, is for recognise-record.ts.
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import { MalformedJson } from '../versions/json-spans.ts';
import { type ByteCursor, createByteCursor, symbols } from './byte-cursor.ts';
import { resourceOfKey } from './recognise-record.ts';

export interface FoundRecord {
  kind: 'record';
  bytes: Uint8Array;
  /** JSON path, for example `$.data.daily_sleep[3]`. */
  place: string;
  /** The key under which it stood. */
  key?: ResourceName;
  /** When the file says its answers were read (`{"timestamp": …, "data": …}`). */
  readAtMs?: number;
}

export interface FoundProblem {
  kind: 'problem';
  place: string;
  reason: string;
  bytes?: Uint8Array;
}

export interface FoundNote {
  kind: 'note';
  place: string;
  text: string;
}

export type Found = FoundRecord | FoundProblem | FoundNote;

const { comma, colon, openArray, closeArray, openObject, closeObject, quote } = symbols;
const decoder = new TextDecoder();

interface Context {
  place: string;
  /** Below `data` or the name of a resource: what is listed there are records, which need not be looked into. */
  isAnswer: boolean;
  key?: ResourceName;
  readAtMs?: number;
}

/** Never throws for what stands in the file: where it stops being JSON is a problem, and what stood before has been handed on. */
export async function* readJson(chunks: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Found> {
  const cursor = createByteCursor(chunks, limitBytes);
  try {
    for (let number = 0; (await cursor.peek()) !== undefined; number += 1) {
      const place = number === 0 ? '$' : `$ (value ${number + 1})`;
      yield* readValue(cursor, { place, isAnswer: false });
    }
  } catch (error) {
    if (!(error instanceof MalformedJson)) throw error;
    const rest = cursor.release()?.bytes;
    yield {
      kind: 'problem',
      place: `byte ${cursor.position()}`,
      reason: `the file is not JSON from here on (${error.message}); what stands before is imported`,
      ...(rest && rest.length > 0 && { bytes: rest }),
    };
  }
}

async function* readValue(cursor: ByteCursor, context: Context): AsyncGenerator<Found> {
  const first = await cursor.peek();
  if (first === openArray) return yield* readList(cursor, context);
  if (first === openObject) return yield* readObject(cursor, context);
  const { bytes } = await cursor.cut();
  yield { kind: 'problem', place: context.place, reason: 'expected an object or a list', ...(bytes && { bytes }) };
}

async function* readList(cursor: ByteCursor, context: Context): AsyncGenerator<Found> {
  await cursor.expect(openArray, 'a list');
  if (await cursor.take(closeArray)) return;
  for (let index = 0; ; index += 1) {
    const element = { ...context, place: `${context.place}[${index}]` };
    const isObject = (await cursor.peek()) === openObject;
    if (isObject && !context.isAnswer) yield* readObject(cursor, element);
    else yield recordOf(await cutElement(cursor), isObject, element);
    if (await cursor.take(closeArray)) return;
    await cursor.expect(comma, 'a comma or the end of the list');
  }
}

/** What was begun of it is still remembered when the file ends inside it. */
async function cutElement(cursor: ByteCursor): Promise<Uint8Array | undefined> {
  await cursor.remember();
  const { bytes } = await cursor.cut();
  cursor.release();
  return bytes;
}

function recordOf(bytes: Uint8Array | undefined, isObject: boolean, context: Context): Found {
  const { place, key, readAtMs } = context;
  if (!bytes) return { kind: 'problem', place, reason: 'the record is larger than a message may be' };
  if (!isObject) return { kind: 'problem', place, reason: 'expected a record, that is an object', bytes };
  return {
    kind: 'record',
    bytes,
    place,
    ...(key !== undefined && { key }),
    ...(readAtMs !== undefined && { readAtMs }),
  };
}

/** An object whose brackets are whole but not what stands between them is a problem of that object alone. */
async function* readObject(cursor: ByteCursor, context: Context): AsyncGenerator<Found> {
  await cursor.remember();
  const walk = { isContainer: false };
  try {
    yield* walkObject(cursor, context, walk);
  } catch (error) {
    if (!(error instanceof MalformedJson) || walk.isContainer || !cursor.rewind()) throw error;
    const { bytes } = await cursor.cut();
    cursor.release();
    yield { kind: 'problem', place: context.place, reason: `not JSON: ${error.message}`, ...(bytes && { bytes }) };
  }
}

/** An object is a container as soon as one of its members shows it; else it was a record, and its bytes have been remembered. */
async function* walkObject(
  cursor: ByteCursor,
  context: Context,
  walk: { isContainer: boolean },
): AsyncGenerator<Found> {
  let { readAtMs } = context;
  const strangers: { place: string; text: string }[] = [];
  await cursor.expect(openObject, 'an object');
  for (let isFirst = true; !(await cursor.take(closeObject)); isFirst = false) {
    if (!isFirst) await cursor.expect(comma, 'a comma or the end of the object');
    const key = await readKey(cursor);
    const first = await cursor.peek();
    const isNested = first === openArray || first === openObject;
    const place = `${context.place}.${key}`;
    const resource = context.key === undefined ? resourceOfKey(key, first === openArray) : undefined;
    if (isNested && (key === 'data' || resource !== undefined)) {
      walk.isContainer = true;
      cursor.release();
      const name = resource ?? context.key;
      const inner = { place, isAnswer: true, ...(name !== undefined && { key: name }) };
      yield* readValue(cursor, { ...inner, ...(readAtMs !== undefined && { readAtMs }) });
      continue;
    }
    const { bytes } = await cursor.cut();
    if (key === 'timestamp') readAtMs ??= instantOf(bytes);
    if (key === 'next_token' && first === quote) strangers.push({ place, text: nextPageNote });
    else if (isNested) strangers.push({ place, text: 'no resource of Oura has this name; left out' });
  }
  if (walk.isContainer) {
    for (const stranger of strangers) yield { kind: 'note', ...stranger };
    return;
  }
  yield recordOf(cursor.release()?.bytes, true, context);
}

const nextPageNote = 'the answer names a next page; its records are only here if another file has them';

async function readKey(cursor: ByteCursor): Promise<string> {
  if ((await cursor.peek()) !== quote) throw new MalformedJson(`expected a key at byte ${cursor.position()}`);
  const { bytes, start } = await cursor.cut();
  await cursor.expect(colon, 'a colon');
  const key = textOf(bytes);
  if (key === undefined) throw new MalformedJson(`expected a key at byte ${start}`);
  return key;
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function instantOf(bytes: Uint8Array | undefined): number | undefined {
  const ms = Date.parse(textOf(bytes) ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
