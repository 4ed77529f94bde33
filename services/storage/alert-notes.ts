// Two things the alert service writes down for its next start: the last rules that were good, so that a broken file cannot silence anyone, and
// when the tick last ran, so that a machine that slept blames no ring for it. Written by alert alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface AlertNoteTables {
  alert_notes: { name: string; content: string; written_at_ms: number };
}

export type AlertNote = 'rules' | 'tick' | 'resumed';

export async function createAlertNoteTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('alert_notes')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('written_at_ms', types.integer64, (c) => c.notNull())
    .execute();
}

export async function readAlertNote(
  db: Kysely<AlertNoteTables>,
  name: AlertNote,
): Promise<{ content: string; writtenAtMs: number } | undefined> {
  const row = await db.selectFrom('alert_notes').selectAll().where('name', '=', name).executeTakeFirst();
  return row && { content: row.content, writtenAtMs: row.written_at_ms };
}

export async function writeAlertNote(
  tx: Transaction<AlertNoteTables>,
  name: AlertNote,
  content: string,
  nowMs: number,
): Promise<void> {
  const values = { content, written_at_ms: nowMs };
  await tx
    .insertInto('alert_notes')
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}
