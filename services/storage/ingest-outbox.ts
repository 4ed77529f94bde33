// Document versions that were numbered and have not yet been seen to stand in the log. A row is written in the transaction that advances the
// head and removed after the append, so a kill in between appends again (the same `ce_id`) and never loses a version.
// Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface IngestOutboxTables {
  ingest_outbox: {
    ce_id: string;
    /** With `position` the order in which versions were numbered. */
    queued_at_ms: number;
    position: number;
    user_id: string;
    resource: string;
    object_id: string;
    sequence_no: number;
    began_at_ms: number;
    via: string;
    deleted: number;
    bytes: Uint8Array;
  };
}

export interface OutboxEntry {
  id: string;
  userId: string;
  resource: string;
  objectId: string;
  sequence: number;
  beganAtMs: number;
  via: string;
  deleted: boolean;
  bytes: Uint8Array;
}

export async function createIngestOutboxTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('ingest_outbox')
    .addColumn('ce_id', 'text', (c) => c.primaryKey())
    .addColumn('queued_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('sequence_no', 'integer', (c) => c.notNull())
    .addColumn('began_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('via', 'text', (c) => c.notNull())
    .addColumn('deleted', 'integer', (c) => c.notNull())
    .addColumn('bytes', types.bytes, (c) => c.notNull())
    .execute();
}

// Bounds the values of one statement (SQLite 32,766).
const chunkSize = 1000;

export async function queueInOutbox(
  tx: Transaction<IngestOutboxTables>,
  entries: readonly OutboxEntry[],
  nowMs: number,
): Promise<void> {
  for (let from = 0; from < entries.length; from += chunkSize) {
    await tx
      .insertInto('ingest_outbox')
      .values(
        entries.slice(from, from + chunkSize).map((entry, index) => ({
          ce_id: entry.id,
          queued_at_ms: nowMs,
          position: from + index,
          user_id: entry.userId,
          resource: entry.resource,
          object_id: entry.objectId,
          sequence_no: entry.sequence,
          began_at_ms: entry.beganAtMs,
          via: entry.via,
          deleted: entry.deleted ? 1 : 0,
          bytes: entry.bytes,
        })),
      )
      .execute();
  }
}

/** The oldest entries, in the order in which they were numbered. */
export async function readOutbox(db: Kysely<IngestOutboxTables>, limit: number): Promise<OutboxEntry[]> {
  const rows = await db
    .selectFrom('ingest_outbox')
    .selectAll()
    .orderBy('queued_at_ms')
    .orderBy('sequence_no')
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.ce_id,
    userId: row.user_id,
    resource: row.resource,
    objectId: row.object_id,
    sequence: row.sequence_no,
    beganAtMs: row.began_at_ms,
    via: row.via,
    deleted: row.deleted === 1,
    bytes: row.bytes,
  }));
}

/** Entries that stand in the log by now. */
export async function removeFromOutbox(tx: Transaction<IngestOutboxTables>, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += chunkSize) {
    await tx
      .deleteFrom('ingest_outbox')
      .where('ce_id', 'in', ids.slice(from, from + chunkSize))
      .execute();
  }
}
