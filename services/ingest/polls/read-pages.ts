// Reads a list of Oura to its last page. Tells apart whether it got there, because what is built from a list (an hour of rows) must know.
import type { OuraAnswer, OuraClient, OuraRequest } from '../oura-client/oura-client.ts';
import { type CutAnswer, type CutDocument, cutDocuments } from '../versions/cut-documents.ts';
import { MalformedJson } from '../versions/json-spans.ts';

export interface Page {
  documents: CutDocument[];
  /** When the request for this page began. */
  beganAtMs: number;
}

export type PagesEnd =
  | { kind: 'complete' }
  | { kind: 'stopped'; answer: Exclude<OuraAnswer, { kind: 'ok' }> | { kind: 'unreadable'; detail: string } };

// Ten times what a month of the densest rows takes; beyond it Oura is going round in circles.
const maxPages = 1_000;

/** @throws Failure when a store of ours is down, and whatever `onPage` throws */
export async function readPages(
  client: OuraClient,
  request: OuraRequest,
  onPage: (page: Page) => Promise<void>,
): Promise<PagesEnd> {
  const seen = new Set<string>();
  let query = request.query ?? {};
  for (let pages = 0; pages < maxPages; pages += 1) {
    const answer = await client.get({ ...request, query });
    if (answer.kind !== 'ok') return { kind: 'stopped', answer };
    const cut = tryCut(answer.bytes);
    if (cut instanceof MalformedJson) return unreadable(cut.message);
    await onPage({ documents: cut.documents, beganAtMs: answer.beganAtMs });
    // Oura was seen to repeat the token on the last page.
    if (cut.nextToken === null || seen.has(cut.nextToken)) return { kind: 'complete' };
    seen.add(cut.nextToken);
    query = { ...request.query, next_token: cut.nextToken };
  }
  return unreadable(`no last page after ${maxPages} pages`);
}

const unreadable = (detail: string): PagesEnd => ({ kind: 'stopped', answer: { kind: 'unreadable', detail } });

function tryCut(bytes: Uint8Array): CutAnswer | MalformedJson {
  try {
    return cutDocuments(bytes);
  } catch (error) {
    if (error instanceof MalformedJson) return error;
    throw error;
  }
}
