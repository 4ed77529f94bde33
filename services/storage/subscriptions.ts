// What is known of our webhook subscriptions at Oura, one row per pair of data type and event: for the status page and for people.
// Oura's own list is the truth and is asked each time; this is the last look at it. Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface SubscriptionTables {
  webhook_subscriptions: {
    data_type: string;
    event_type: string;
    subscription_id: string | null;
    callback_url: string | null;
    expires_at_ms: number | null;
    /** One sentence; null while all is well. */
    problem: string | null;
    checked_at_ms: number;
  };
}

export interface SubscriptionStatus {
  dataType: string;
  eventType: string;
  subscriptionId: string | null;
  callbackUrl: string | null;
  expiresAtMs: number | null;
  problem: string | null;
  checkedAtMs: number;
}

export async function createSubscriptionTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('webhook_subscriptions')
    .addColumn('data_type', 'text', (c) => c.notNull())
    .addColumn('event_type', 'text', (c) => c.notNull())
    .addColumn('subscription_id', 'text')
    .addColumn('callback_url', 'text')
    .addColumn('expires_at_ms', types.integer64)
    .addColumn('problem', 'text')
    .addColumn('checked_at_ms', types.integer64, (c) => c.notNull())
    .addPrimaryKeyConstraint('webhook_subscriptions_pk', ['data_type', 'event_type'])
    .execute();
}

/** Replaces all that was known before. */
export async function saveSubscriptionStatuses(
  tx: Transaction<SubscriptionTables>,
  statuses: readonly SubscriptionStatus[],
): Promise<void> {
  await tx.deleteFrom('webhook_subscriptions').execute();
  if (statuses.length === 0) return;
  await tx
    .insertInto('webhook_subscriptions')
    .values(
      statuses.map((status) => ({
        data_type: status.dataType,
        event_type: status.eventType,
        subscription_id: status.subscriptionId,
        callback_url: status.callbackUrl,
        expires_at_ms: status.expiresAtMs,
        problem: status.problem,
        checked_at_ms: status.checkedAtMs,
      })),
    )
    .execute();
}

/** In the order of data type and event. */
export async function listSubscriptionStatuses(db: Kysely<SubscriptionTables>): Promise<SubscriptionStatus[]> {
  const rows = await db
    .selectFrom('webhook_subscriptions')
    .selectAll()
    .orderBy('data_type')
    .orderBy('event_type')
    .execute();
  return rows.map((row) => ({
    dataType: row.data_type,
    eventType: row.event_type,
    subscriptionId: row.subscription_id,
    callbackUrl: row.callback_url,
    expiresAtMs: row.expires_at_ms,
    problem: row.problem,
    checkedAtMs: row.checked_at_ms,
  }));
}
