// Reads one stretch of one resource of one person and puts what it finds on the log: documents page by page as they come, rows only when the last
// page was read, because an hour must be whole. Absence from a list is never a deletion. Leaves out when to read (poll-runner.ts).
import type { Via } from '../../../schemas/document.ts';
import type { Resource } from '../../../schemas/oura/resources.ts';
import type { OuraClient, OuraRequest } from '../oura-client/oura-client.ts';
import type { CutDocument } from '../versions/cut-documents.ts';
import { MalformedJson } from '../versions/json-spans.ts';
import {
  maxDocumentBytes,
  type ReadDocument,
  recordDocuments,
  type VersionParts,
} from '../versions/record-documents.ts';
import { type Window, windowQuery } from './decide-window.ts';
import { type HourDocument, hourDocuments } from './hour-documents.ts';
import { type PagesEnd, readPages } from './read-pages.ts';

export interface ReadParts {
  client: OuraClient;
  versions: VersionParts;
  /** A document that cannot be kept, and why; the others go on. */
  onRefused(reason: 'without_id' | 'too_large'): void;
}

export interface Reading {
  userId: string;
  resource: Resource;
  /** Undefined for a resource without windows. */
  window: Window | undefined;
  via: Via;
  /** UTC hour (`2026-11-23T07`) whose rows are left out, because it still runs and was recorded a moment ago. */
  exceptHour?: string;
  signal: AbortSignal;
}

export type ReadingEnd =
  | { kind: 'complete' /** Documents or rows in the answers. */; found: number }
  | Extract<PagesEnd, { kind: 'stopped' }>;

/** @throws Failure when a store of ours is down */
export async function readResource(parts: ReadParts, reading: Reading): Promise<ReadingEnd> {
  return reading.resource.kind === 'rows' ? readRows(parts, reading) : readDocuments(parts, reading);
}

function requestOf({ userId, resource, window, signal }: Reading): OuraRequest {
  const path = `/v2/usercollection/${resource.route}`;
  if (!window || (resource.kind !== 'documents' && resource.kind !== 'rows')) return { userId, path, signal };
  return { userId, path, query: windowQuery(resource.kind, window), signal };
}

async function readDocuments(parts: ReadParts, reading: Reading): Promise<ReadingEnd> {
  const { userId, resource, via } = reading;
  let found = 0;
  const end = await readPages(parts.client, requestOf(reading), async ({ documents, beganAtMs }) => {
    found += documents.length;
    const kept = documents.flatMap((document) => keepable(parts, resource, document));
    await recordDocuments(parts.versions, { userId, resource: resource.name, documents: kept, beganAtMs, via });
  });
  return end.kind === 'complete' ? { ...end, found } : end;
}

function keepable(parts: ReadParts, { kind, name }: Resource, document: CutDocument): ReadDocument[] {
  // The one object of personal_info goes by the name of its resource; the id in it is Oura's of the person.
  const objectId = kind === 'single' ? name : document.value.id;
  if (typeof objectId !== 'string' || objectId === '') {
    parts.onRefused('without_id');
    return [];
  }
  if (document.bytes.length > maxDocumentBytes) {
    parts.onRefused('too_large');
    return [];
  }
  return [{ objectId, ...document }];
}

async function readRows(parts: ReadParts, reading: Reading): Promise<ReadingEnd> {
  const { userId, resource, window, via, exceptHour } = reading;
  const rows: CutDocument[] = [];
  let beganAtMs: number | undefined;
  const end = await readPages(parts.client, requestOf(reading), async (page) => {
    beganAtMs ??= page.beganAtMs;
    rows.push(...page.documents);
  });
  if (end.kind === 'stopped' || !window || beganAtMs === undefined)
    return end.kind === 'stopped' ? end : { ...end, found: 0 };
  const hours = tryHours(rows, window);
  if (hours instanceof MalformedJson) {
    return { kind: 'stopped', answer: { kind: 'unreadable', detail: hours.message } };
  }
  const documents = hours.filter((hour) => hour.objectId !== exceptHour);
  await recordDocuments(parts.versions, { userId, resource: resource.name, documents, beganAtMs, via });
  return { kind: 'complete', found: rows.length };
}

function tryHours(rows: readonly CutDocument[], window: Window): HourDocument[] | MalformedJson {
  try {
    return hourDocuments(rows, window);
  } catch (error) {
    if (error instanceof MalformedJson) return error;
    throw error;
  }
}
