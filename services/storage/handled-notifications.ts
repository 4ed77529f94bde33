// Which notifications became fetch jobs already, so that a replayed or redelivered one has no effect (P2). Written by ingest in the
// transaction that writes the jobs; forgotten when a signature of that age would no longer be taken.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface HandledNotificationTables {
  handled_notifications: {
    ce_id: string;
    handled_at_ms: number;
  };
}

export async function createHandledNotificationTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('handled_notifications')
    .addColumn('ce_id', 'text', (c) => c.primaryKey())
    .addColumn('handled_at_ms', types.integer64, (c) => c.notNull())
    .execute();
  await schema.createIndex('handled_notifications_age').on('handled_notifications').column('handled_at_ms').execute();
}

/** Those of the ids that were handled before. */
export async function findHandled(db: Kysely<HandledNotificationTables>, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.selectFrom('handled_notifications').select('ce_id').where('ce_id', 'in', ids).execute();
  return new Set(rows.map((row) => row.ce_id));
}

export async function markHandled(
  tx: Transaction<HandledNotificationTables>,
  ids: readonly string[],
  nowMs: number,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .insertInto('handled_notifications')
    .values(ids.map((id) => ({ ce_id: id, handled_at_ms: nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Forgets what is too old to be replayed. */
export async function forgetHandled(tx: Transaction<HandledNotificationTables>, beforeMs: number): Promise<void> {
  await tx.deleteFrom('handled_notifications').where('handled_at_ms', '<', beforeMs).execute();
}
