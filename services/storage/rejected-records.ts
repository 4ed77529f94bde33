// Which records of imported files have become dead letters, so that the same file a second time makes none. Kept are hashes, no content.
// Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface RejectedRecordTables {
  rejected_records: {
    record_id: string;
    user_id: string;
    rejected_at_ms: number;
  };
}

export async function createRejectedRecordTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('rejected_records')
    .addColumn('record_id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('rejected_at_ms', types.integer64, (c) => c.notNull())
    .execute();
  await schema.createIndex('rejected_records_by_user').on('rejected_records').column('user_id').execute();
}

/** Of these ids (at most 1,000), those that are known. */
export async function knownRejections(db: Kysely<RejectedRecordTables>, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.selectFrom('rejected_records').select('record_id').where('record_id', 'in', ids).execute();
  return new Set(rows.map((row) => row.record_id));
}

/** At most 1,000 at a time. */
export async function saveRejections(
  tx: Transaction<RejectedRecordTables>,
  { userId, ids, nowMs }: { userId: string; ids: readonly string[]; nowMs: number },
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .insertInto('rejected_records')
    .values(ids.map((id) => ({ record_id: id, user_id: userId, rejected_at_ms: nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
