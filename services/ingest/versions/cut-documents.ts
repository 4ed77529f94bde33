// Cuts the documents out of an answer of Oura, byte for byte: a page `{"data": [...], "next_token": ...}`, a list, or one bare object.
// Each comes with its parsed value, so nobody parses it twice. Leaves out what the fields mean.
import { elementSpans, MalformedJson, memberSpans, openArray, parseSpan, rootSpan, type Span } from './json-spans.ts';

export interface CutDocument {
  /** The exact bytes, a copy that does not keep the whole answer alive. */
  bytes: Uint8Array;
  value: Readonly<Record<string, unknown>>;
}

export interface CutAnswer {
  documents: CutDocument[];
  /** Where the next page begins; null on the last one, and where there are no pages. */
  nextToken: string | null;
}

/** @throws MalformedJson when the answer, or one of its documents, is not what Oura's API promises */
export function cutDocuments(bytes: Uint8Array): CutAnswer {
  const root = rootSpan(bytes);
  if (bytes[root.start] === openArray) return { documents: cutList(bytes, root), nextToken: null };
  const members = memberSpans(bytes, root);
  const data = members.findLast((member) => member.key === 'data');
  if (!data || bytes[data.start] !== openArray) return { documents: [cut(bytes, root)], nextToken: null };
  const token = members.findLast((member) => member.key === 'next_token');
  const nextToken = token ? parseSpan(bytes, token) : null;
  if (nextToken !== null && typeof nextToken !== 'string') {
    throw new MalformedJson(`expected next_token to be text or null, got ${typeof nextToken}`);
  }
  // An empty token is no token: asking with it would give the first page again.
  return { documents: cutList(bytes, data), nextToken: nextToken || null };
}

const cutList = (bytes: Uint8Array, list: Span): CutDocument[] =>
  elementSpans(bytes, list).map((element) => cut(bytes, element));

function cut(bytes: Uint8Array, span: Span): CutDocument {
  const value = parseSpan(bytes, span);
  if (!isObject(value)) throw new MalformedJson(`expected an object at byte ${span.start}`);
  return { bytes: bytes.slice(span.start, span.end), value };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
