// The one way in which a document gets onto oura.documents.v1, whoever read it: compared with its current version, numbered, kept in the outbox
// in the same transaction, then appended. One transaction and one append per call, so callers hand over whole pages.
// Arrivals for one object are serialised by the heads table: who loses the race decides again.
import { deletionBytes, type Via } from '../../../schemas/document.ts';
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import { Failure } from '../../runtime/failure.ts';
import {
  advanceHeads,
  type DocumentHead,
  type DocumentHeadTables,
  livingObjects,
  loadHeads,
  setDoubtedHash,
} from '../../storage/document-heads.ts';
import { type ErasureTables, isErased } from '../../storage/erasures.ts';
import { type IngestOutboxTables, type OutboxEntry, queueInOutbox } from '../../storage/ingest-outbox.ts';
import { contentHash, versionId } from './content-hash.ts';
import { type Candidate, decideVersion } from './decide-version.ts';
import { parseSpan } from './json-spans.ts';
import type { OutboxPublisher } from './outbox-publisher.ts';
import { dayOf, isStandIn, mayHaveStandIns, standInId } from './stand-ins.ts';

export interface VersionTables extends DocumentHeadTables, IngestOutboxTables, ErasureTables {}

export interface VersionParts {
  state: Database<VersionTables>;
  outbox: OutboxPublisher;
  clock: Pick<Clock, 'now'>;
  /** Told of what each call came to. */
  observe?(recorded: Recorded, origin: Pick<ReadDocuments, 'resource' | 'via'>): void;
}

export interface ReadDocument {
  objectId: string;
  /** Exactly as Oura wrote it. */
  bytes: Uint8Array;
  /** What JSON.parse gives for the bytes, when the caller has it anyway. */
  value?: unknown;
  /** Rows of an hour: fewer than before are believed at the second identical reading only. */
  rowCount?: number;
}

export interface ReadDocuments {
  userId: string;
  resource: ResourceName;
  documents: readonly ReadDocument[];
  /** When the request that answered them began; `ce_time` of the versions. */
  beganAtMs: number;
  /** When Oura said it, where that is another time (a file that is imported): what orders it among the versions. */
  saidAtMs?: number;
  via: Via;
}

export interface Recorded {
  /** New versions. */
  appended: number;
  unchanged: number;
  /** Older than the current version: dropped. */
  stale: number;
  /** Hours with fewer rows than before, read for the first time. */
  doubted: number;
}

export interface ReadDeletion {
  userId: string;
  resource: ResourceName;
  objectId: string;
  /** When we learnt of it. */
  beganAtMs: number;
  via: Via;
}

/** What the log takes, less room for the key. Oura's largest documents have about 50 kB. */
export const maxDocumentBytes = 990_000;

interface Arrival {
  objectId: string;
  bytes: Uint8Array;
  candidate: Candidate;
  day: string | null;
}

/**
 * Resolves when every version of the documents stands in the log.
 * @throws MalformedJson for bytes that are not JSON; Failure `poison` for a document too large to keep, `dependency` when the database or the log is down (then what was numbered waits in the outbox)
 */
export async function recordDocuments(parts: VersionParts, read: ReadDocuments): Promise<Recorded> {
  const arrivals = new Map<string, Arrival>();
  // Of an object that an answer holds twice the last one counts; else each reading would append two versions.
  for (const document of read.documents) {
    const { objectId, bytes, rowCount = null } = document;
    if (bytes.length > maxDocumentBytes) throw tooLarge(read.resource, objectId, bytes.length);
    const value = document.value ?? parseSpan(bytes, { start: 0, end: bytes.length });
    const beganAtMs = read.saidAtMs ?? read.beganAtMs;
    const candidate = { contentHash: contentHash(bytes, value), beganAtMs, deleted: false, rowCount };
    arrivals.set(objectId, { objectId, bytes, candidate, day: dayOf(value) });
  }
  await retireStandIns(parts, read, [...arrivals.values()]);
  return record(parts, read, [...arrivals.values()]);
}

/** Stand-ins of the days that now have a document of Oura's are deleted first. */
async function retireStandIns(parts: VersionParts, read: ReadDocuments, arrivals: readonly Arrival[]): Promise<void> {
  if (!mayHaveStandIns(read.resource)) return;
  const days = new Set(arrivals.flatMap(({ objectId, day }) => (day === null || isStandIn(objectId) ? [] : [day])));
  if (days.size === 0) return;
  const retired = await livingObjects(parts.state.read, read, [...days].map(standInId));
  for (const objectId of retired) {
    const { userId, resource, beganAtMs, via } = read;
    await recordDeletion(parts, { userId, resource, objectId, beganAtMs, via });
  }
}

/** A deletion is a version too, also of an object never seen before. @throws Failure */
export async function recordDeletion(parts: VersionParts, deletion: ReadDeletion): Promise<Recorded> {
  const bytes = deletionBytes(deletion.resource, deletion.objectId);
  const { objectId, beganAtMs } = deletion;
  const candidate = { contentHash: 'deleted', beganAtMs, deleted: true, rowCount: null };
  return record(parts, deletion, [{ objectId, bytes, candidate, day: null }]);
}

type Origin = Pick<ReadDocuments, 'userId' | 'resource' | 'via' | 'beganAtMs'>;

async function record(parts: VersionParts, origin: Origin, arrivals: readonly Arrival[]): Promise<Recorded> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { recorded, entries } = await number(parts, origin, arrivals);
      // Also without new ones: what an earlier call numbered and could not append must stand in the log before this one is done.
      await parts.outbox.publish(entries);
      parts.observe?.(recorded, origin);
      return recorded;
    } catch (error) {
      if (!(error instanceof HeadMoved)) throw error;
      if (attempt === 5) throw new Failure('dependency', error.message);
    }
  }
}

const tooLarge = (resource: string, objectId: string, size: number) =>
  new Failure('poison', `${resource}/${objectId} has ${size} bytes; at most ${maxDocumentBytes} can be kept`);

class HeadMoved extends Error {
  override name = 'HeadMoved';
}

async function number(
  { state, clock }: VersionParts,
  origin: Origin,
  arrivals: readonly Arrival[],
): Promise<{ recorded: Recorded; entries: OutboxEntry[] }> {
  const nowMs = clock.now();
  return state.transaction(async (tx) => {
    const recorded: Recorded = { appended: 0, unchanged: 0, stale: 0, doubted: 0 };
    const entries: OutboxEntry[] = [];
    const heads: Omit<DocumentHead, 'doubtedHash'>[] = [];
    // Asked for or imported before they were erased: nothing of it is kept any more.
    if (await isErased(tx, origin.userId)) return { recorded, entries };
    const current = await loadHeads(
      tx,
      origin,
      arrivals.map((arrival) => arrival.objectId),
    );
    for (const { objectId, bytes, candidate, day } of arrivals) {
      const decision = decideVersion(current.get(objectId), candidate);
      if (decision.kind !== 'append') {
        recorded[decision.kind] += 1;
        if (decision.kind === 'doubted') await setDoubtedHash(tx, origin, objectId, candidate.contentHash);
        if (decision.kind === 'unchanged' && decision.clearsDoubt) await setDoubtedHash(tx, origin, objectId, null);
        continue;
      }
      recorded.appended += 1;
      const { sequence } = decision;
      heads.push({ objectId, sequence, ...candidate, day });
      entries.push({
        id: versionId({ ...origin, objectId, sequence, contentHash: candidate.contentHash }),
        userId: origin.userId,
        resource: origin.resource,
        objectId,
        sequence,
        beganAtMs: origin.beganAtMs,
        via: origin.via,
        deleted: candidate.deleted,
        bytes,
      });
    }
    const advanced = await advanceHeads(tx, origin, heads);
    if (advanced !== heads.length)
      throw new HeadMoved(`${origin.resource}: another arrival was numbered at the same time`);
    await queueInOutbox(tx, entries, nowMs);
    return { recorded, entries };
  });
}
