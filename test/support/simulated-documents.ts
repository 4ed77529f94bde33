// The document versions that a simulated ring would give a perfect ingest in a period: every change at its own moment, deletions, an hour of rows
// once while it runs and once when it is over. For tests of what reads documents; nothing is fetched.
import { createHash } from 'node:crypto';
import { type DocumentMessage, deletionBytes } from '../../schemas/document.ts';
import type { ResourceName } from '../../schemas/oura/resources.ts';
import type { DocumentSource } from '../../services/simulator/source.ts';

const hourMs = 3_600_000;

interface Change {
  resource: ResourceName;
  objectId: string;
  atMs: number;
  /** Undefined for a deletion. */
  body: unknown;
}

export interface SimulatedPeriod {
  ring: DocumentSource;
  userId: string;
  fromMs: number;
  toMs: number;
}

/** In the order of time. */
export function simulatedDocuments({ ring, userId, fromMs, toMs }: SimulatedPeriod): DocumentMessage[] {
  const changes = [
    { resource: 'personal_info', objectId: 'personal_info', atMs: fromMs, body: ring.personalInfo } as const,
    ...documentChanges(ring, fromMs, toMs),
    ...rowChanges(ring, fromMs, toMs),
  ].sort((a, b) => a.atMs - b.atMs);
  const sequences = new Map<string, number>();
  const contents = new Map<string, string>();
  return changes.flatMap(({ resource, objectId, atMs, body }) => {
    const key = `${resource}/${objectId}`;
    const content = JSON.stringify(body) ?? '';
    if (contents.get(key) === content) return [];
    contents.set(key, content);
    const sequence = (sequences.get(key) ?? 0) + 1;
    sequences.set(key, sequence);
    const deleted = body === undefined;
    return {
      id: createHash('sha256').update(`${userId}/${key}/${sequence}/${content}`).digest('hex'),
      userId,
      resource,
      objectId,
      sequence,
      time: new Date(atMs).toISOString(),
      via: 'poll',
      deleted,
      bytes: deleted ? deletionBytes(resource, objectId) : Buffer.from(content),
    };
  });
}

function documentChanges(ring: DocumentSource, fromMs: number, toMs: number): Change[] {
  return [...ring.changes(fromMs, toMs)].map(({ resource, id, atMs, operation }) => ({
    resource: resource === 'vO2_max' ? 'vo2_max' : resource,
    objectId: id,
    atMs,
    body: operation === 'delete' ? undefined : (ring.find(resource, id, atMs) ?? undefined),
  }));
}

function rowChanges(ring: DocumentSource, fromMs: number, toMs: number): Change[] {
  const changes: Change[] = [];
  for (const resource of ['heartrate', 'ring_battery_level'] as const) {
    for (let startMs = Math.ceil(fromMs / hourMs) * hourMs; startMs + 8 * hourMs <= toMs; startMs += hourMs) {
      for (const atMs of [startMs + 0.75 * hourMs, startMs + 8 * hourMs]) {
        const body = [...ring.rows(resource, startMs, startMs + hourMs, atMs)];
        if (body.length === 0) continue;
        changes.push({ resource, objectId: new Date(startMs).toISOString().slice(0, 13), atMs, body });
      }
    }
  }
  return changes;
}
