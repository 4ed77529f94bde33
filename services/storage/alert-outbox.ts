// The alert outbox: transitions still to publish, and one delivery per transition and channel. They are written in the transaction that decided them,
// so a kill at any point loses none; a delivery is only taken up once its transition is published. Written by alert alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import { type AlertTransition, alertTransition } from '../../schemas/alert-transition.ts';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export type DeliveryStatus = 'waiting' | 'delivered' | 'failed' | 'too_late' | 'silenced';

export interface AlertOutboxTables {
  alert_transitions: {
    transition_id: string;
    alert_id: string;
    user_id: string;
    number: number;
    transition: string;
    decided_at_ms: number;
    published_at_ms: number | null;
  };
  alert_deliveries: {
    delivery_id: string;
    transition_id: string;
    alert_id: string;
    channel: string;
    /** Order among the deliveries of an alert to a channel. */
    step: number;
    /** JSON list of mail addresses, or null for the channel's own. */
    recipients: string | null;
    is_reminder: number;
    /** JSON of the quiet hours, or null. */
    quiet: string | null;
    status: string;
    attempts: number;
    not_before_ms: number;
    retry_at_ms: number;
    deadline_ms: number;
    reason: string | null;
    advice: string | null;
    created_at_ms: number;
    ended_at_ms: number | null;
  };
}

export async function createAlertOutboxTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('alert_transitions')
    .addColumn('transition_id', 'text', (c) => c.primaryKey())
    .addColumn('alert_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('transition', 'text', (c) => c.notNull())
    .addColumn('decided_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('published_at_ms', types.integer64)
    .execute();
  await schema
    .createIndex('alert_transitions_published')
    .on('alert_transitions')
    .columns(['published_at_ms', 'decided_at_ms'])
    .execute();
  await schema
    .createTable('alert_deliveries')
    .addColumn('delivery_id', 'text', (c) => c.primaryKey())
    .addColumn('transition_id', 'text', (c) => c.notNull().references('alert_transitions.transition_id'))
    .addColumn('alert_id', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('recipients', 'text')
    .addColumn('is_reminder', 'integer', (c) => c.notNull())
    .addColumn('quiet', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('not_before_ms', types.integer64, (c) => c.notNull())
    .addColumn('retry_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('deadline_ms', types.integer64, (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('advice', 'text')
    .addColumn('created_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('ended_at_ms', types.integer64)
    .execute();
  await schema
    .createIndex('alert_deliveries_waiting')
    .on('alert_deliveries')
    .columns(['status', 'channel', 'not_before_ms'])
    .execute();
  await schema.createIndex('alert_deliveries_alert').on('alert_deliveries').column('alert_id').execute();
}

export interface NewTransition {
  alertId: string;
  number: number;
  transition: AlertTransition;
}

/** False when it was raised before: then nothing about it is written again. */
export async function addTransition(
  tx: Transaction<AlertOutboxTables>,
  { alertId, number, transition }: NewTransition,
): Promise<boolean> {
  const inserted = await tx
    .insertInto('alert_transitions')
    .values({
      transition_id: transition.id,
      alert_id: alertId,
      user_id: transition.user_id,
      number,
      transition: JSON.stringify(transition),
      decided_at_ms: Date.parse(transition.at),
      published_at_ms: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** In the order they were decided; those of one alert by number. */
export async function listUnpublished(db: Kysely<AlertOutboxTables>, limit: number): Promise<AlertTransition[]> {
  const rows = await db
    .selectFrom('alert_transitions')
    .select('transition')
    .where('published_at_ms', 'is', null)
    .orderBy('decided_at_ms')
    .orderBy('number')
    .orderBy('transition_id')
    .limit(limit)
    .execute();
  return rows.map((row) => alertTransition.parse(JSON.parse(row.transition)));
}

export async function markPublished(
  tx: Transaction<AlertOutboxTables>,
  ids: readonly string[],
  nowMs: number,
): Promise<void> {
  await tx.updateTable('alert_transitions').set({ published_at_ms: nowMs }).where('transition_id', 'in', ids).execute();
}

export async function findTransition(
  db: Kysely<AlertOutboxTables>,
  alertId: string,
  number: number,
): Promise<AlertTransition | undefined> {
  const row = await db
    .selectFrom('alert_transitions')
    .select('transition')
    .where('alert_id', '=', alertId)
    .where('number', '=', number)
    .executeTakeFirst();
  return row && alertTransition.parse(JSON.parse(row.transition));
}
