// Finds where the parts of a JSON text begin and end, in its bytes, so that a document can be cut out exactly as Oura wrote it: no
// whitespace, escape or number is touched. It knows structure only; whether a part is valid JSON is for JSON.parse of that part to say.
// What must stay true: parsing each cut part gives what parsing the whole would give for it.

/** The text is not JSON of the expected shape; the position counts bytes from 0. */
export class MalformedJson extends Error {
  override name = 'MalformedJson';
}

/** Half open: [start, end). */
export interface Span {
  start: number;
  end: number;
}

export interface Member extends Span {
  key: string;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
export const openArray = 0x5b;
const closeArray = 0x5d;
export const openObject = 0x7b;
const closeObject = 0x7d;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDelimiter = (byte: number | undefined): boolean =>
  byte === undefined || byte === comma || byte === closeArray || byte === closeObject || isSpace(byte);

const fail = (what: string, at: number): never => {
  throw new MalformedJson(`expected ${what} at byte ${at}`);
};

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

/** `from` is the opening quote; answers the position after the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    if (bytes[at] === backslash) at += 1;
    else if (bytes[at] === quote) return at + 1;
  }
  return fail('the end of a text', bytes.length);
}

/** Brackets are counted, not matched by kind: a mismatch is found when the part is parsed. */
function skipContainer(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === quote) {
      at = skipString(bytes, at);
      continue;
    }
    at += 1;
    if (byte === openObject || byte === openArray) depth += 1;
    else if ((byte === closeObject || byte === closeArray) && --depth === 0) return at;
  }
  return fail('the end of an object or list', bytes.length);
}

function skipValue(bytes: Uint8Array, from: number): number {
  const byte = bytes[from];
  if (byte === quote) return skipString(bytes, from);
  if (byte === openObject || byte === openArray) return skipContainer(bytes, from);
  let at = from;
  while (!isDelimiter(bytes[at])) at += 1;
  return at > from ? at : fail('a value', from);
}

/** The one value that the text holds, without the whitespace around it. @throws MalformedJson */
export function rootSpan(bytes: Uint8Array): Span {
  const start = skipSpace(bytes, 0);
  const end = skipValue(bytes, start);
  const rest = skipSpace(bytes, end);
  return rest === bytes.length ? { start, end } : fail('nothing more', rest);
}

/** Walks `[a, b]` or `{…, …}`: `readItem` reads one item and answers the position after it. */
function walk(bytes: Uint8Array, { start, end }: Span, close: number, readItem: (at: number) => number): void {
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === close && at === end - 1) return;
  for (;;) {
    at = skipSpace(bytes, readItem(at));
    if (bytes[at] === close && at === end - 1) return;
    if (bytes[at] !== comma) fail('a comma or the end of the list', at);
    at = skipSpace(bytes, at + 1);
  }
}

/** The elements of the list at `span`, in order. @throws MalformedJson */
export function elementSpans(bytes: Uint8Array, span: Span): Span[] {
  if (bytes[span.start] !== openArray) fail('a list', span.start);
  const elements: Span[] = [];
  walk(bytes, span, closeArray, (start) => {
    const end = skipValue(bytes, start);
    elements.push({ start, end });
    return end;
  });
  return elements;
}

/** The members of the object at `span`, in order; a repeated key is answered each time. @throws MalformedJson */
export function memberSpans(bytes: Uint8Array, span: Span): Member[] {
  if (bytes[span.start] !== openObject) fail('an object', span.start);
  const members: Member[] = [];
  walk(bytes, span, closeObject, (keyStart) => {
    if (bytes[keyStart] !== quote) fail('a key', keyStart);
    const keyEnd = skipString(bytes, keyStart);
    const at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== colon) fail('a colon', at);
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    const key = parseSpan(bytes, { start: keyStart, end: keyEnd });
    if (typeof key !== 'string') return fail('a key', keyStart);
    members.push({ key, start, end });
    return end;
  });
  return members;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value at `span`. @throws MalformedJson when the part is not UTF-8 JSON */
export function parseSpan(bytes: Uint8Array, { start, end }: Span): unknown {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(start, end)));
  } catch (error) {
    throw new MalformedJson(`the part from byte ${start} to ${end} is not JSON: ${(error as Error).message}`);
  }
}
