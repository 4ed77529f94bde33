// One attempt of one fetch job: ask Oura for the document, put it on the log, and say what became of it. Decides nothing itself
// (decide-fetch.ts) and changes no job (job-runner.ts).
import { resourceOfDataType } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type DocumentHead, type HeadScope, loadHeads } from '../../storage/document-heads.ts';
import type { FetchJob } from '../../storage/fetch-jobs.ts';
import { isGranted } from '../oauth/scopes.ts';
import type { OuraAnswer, OuraClient } from '../oura-client/oura-client.ts';
import { type CutDocument, cutDocuments } from '../versions/cut-documents.ts';
import { MalformedJson } from '../versions/json-spans.ts';
import { maxDocumentBytes, recordDeletion, recordDocuments, type VersionParts } from '../versions/record-documents.ts';
import { decideFetch, type FetchAnswer, type FetchDecision, isPlainDeletion } from './decide-fetch.ts';

export interface RunJobParts {
  client: OuraClient;
  versions: VersionParts;
  clock: Clock;
  /** In [0, 1). */
  chance(): number;
}

export type JobResult =
  | { kind: 'done'; as: 'document' | 'deletion' }
  | Exclude<FetchDecision, { kind: 'record' | 'record-deletion' }>;

/**
 * @param granted the person's scopes; undefined when they have no grant
 * @throws Failure when a store of ours is down
 */
export async function runJob(
  { client, versions, clock, chance }: RunJobParts,
  job: FetchJob,
  granted: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<JobResult> {
  const resource = resourceOfDataType(job.dataType);
  if (!resource) return { kind: 'give-up', reason: 'no_route' };
  const { userId, objectId } = job;
  const origin = { userId, resource: resource.name, via: 'webhook' } as const;
  const isDeletion = job.eventType === 'delete';
  if (isDeletion) {
    const currentBeganAtMs = (await currentHead(versions, origin, objectId))?.beganAtMs;
    if (isPlainDeletion(job.eventAtMs, currentBeganAtMs)) {
      const beganAtMs = Math.max(job.notifiedAtMs, currentBeganAtMs ?? 0);
      await recordDeletion(versions, { ...origin, objectId, beganAtMs });
      return { kind: 'done', as: 'deletion' };
    }
  }
  if (granted && !isGranted(resource, granted)) return { kind: 'give-up', reason: 'scope_missing' };
  const askedAtMs = clock.now();
  const path = `/v2/usercollection/${resource.route}/${encodeURIComponent(objectId)}`;
  const answer = await client.get({ userId, path, signal });
  const document = answer.kind === 'ok' ? readDocument(answer.bytes) : undefined;
  const isDeleted = isDeletion || (answer.kind === 'not-found' && (await wasDeletedSince(versions, origin, job)));
  const decision = decideFetch(fetchAnswer(answer, document), { ...job, isDeleted }, chance());
  if (decision.kind === 'record-deletion') {
    await recordDeletion(versions, { ...origin, objectId, beganAtMs: askedAtMs });
    return { kind: 'done', as: 'deletion' };
  }
  if (decision.kind !== 'record') return decision;
  const documents = document ? [{ objectId, ...document }] : [];
  if (documents.some(({ bytes }) => bytes.length > maxDocumentBytes)) return { kind: 'give-up', reason: 'too_large' };
  await recordDocuments(versions, { ...origin, documents, beganAtMs: askedAtMs });
  return { kind: 'done', as: 'document' };
}

const fetchAnswer = (answer: OuraAnswer, document: CutDocument | undefined): FetchAnswer =>
  answer.kind === 'ok' && !document ? { kind: 'unreadable' } : answer;

function readDocument(bytes: Uint8Array): CutDocument | undefined {
  try {
    const { documents } = cutDocuments(bytes);
    return documents.length === 1 ? documents[0] : undefined;
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}

async function currentHead(
  { state }: VersionParts,
  scope: HeadScope,
  objectId: string,
): Promise<DocumentHead | undefined> {
  const heads = await state.transaction((tx) => loadHeads(tx, scope, [objectId]));
  return heads.get(objectId);
}

/** The notification came late, or once more, after that of the deletion. */
async function wasDeletedSince(versions: VersionParts, scope: HeadScope, job: FetchJob): Promise<boolean> {
  const head = await currentHead(versions, scope, job.objectId);
  return head?.deleted === true && head.beganAtMs >= job.eventAtMs;
}
