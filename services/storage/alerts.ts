// The alerts as people see them: one row per alert, that is per person, rule and subject, with its last transition. For the page and the API; written
// by alert alone. Leaves out the messages about them (alert-outbox.ts) and what the rules remember (alert-rule-states.ts).
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import { type AlertTransition, alertTransition } from '../../schemas/alert-transition.ts';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface AlertTables {
  alerts: {
    alert_id: string;
    user_id: string;
    rule: string;
    level: string;
    status: string;
    number: number;
    opened_at_ms: number;
    changed_at_ms: number;
    /** The last transition, as published. */
    transition: string;
    acknowledged_at_ms: number | null;
    snoozed_until_ms: number | null;
  };
}

export async function createAlertTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('alerts')
    .addColumn('alert_id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('opened_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('changed_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('transition', 'text', (c) => c.notNull())
    .addColumn('acknowledged_at_ms', types.integer64)
    .addColumn('snoozed_until_ms', types.integer64)
    .execute();
  await schema.createIndex('alerts_status').on('alerts').columns(['status', 'changed_at_ms']).execute();
}

export interface Alert {
  id: string;
  userId: string;
  rule: string;
  state: AlertTransition['state'];
  openedAtMs: number;
  changedAtMs: number;
  acknowledgedAtMs: number | null;
  snoozedUntilMs: number | null;
  /** The last one. */
  transition: AlertTransition;
}

function toAlert(row: AlertTables['alerts']): Alert {
  const transition = alertTransition.parse(JSON.parse(row.transition));
  return {
    id: row.alert_id,
    userId: row.user_id,
    rule: row.rule,
    state: transition.state,
    openedAtMs: row.opened_at_ms,
    changedAtMs: row.changed_at_ms,
    acknowledgedAtMs: row.acknowledged_at_ms,
    snoozedUntilMs: row.snoozed_until_ms,
    transition,
  };
}

export interface AlertFilter {
  state?: AlertTransition['state'] | undefined;
  userId?: string | undefined;
  rule?: string | undefined;
  /** Only what changed before. */
  beforeMs?: number | undefined;
  limit: number;
}

/** Newest change first. */
export async function listAlerts(db: Kysely<AlertTables>, filter: AlertFilter): Promise<Alert[]> {
  let query = db.selectFrom('alerts').selectAll().orderBy('changed_at_ms', 'desc').orderBy('alert_id');
  if (filter.state !== undefined) query = query.where('status', '=', filter.state);
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.rule !== undefined) query = query.where('rule', '=', filter.rule);
  if (filter.beforeMs !== undefined) query = query.where('changed_at_ms', '<', filter.beforeMs);
  return (await query.limit(filter.limit).execute()).map(toAlert);
}

/** The open alerts of one person, or of everybody, newest first. */
export const listOpenAlerts = (db: Kysely<AlertTables>, userId?: string): Promise<Alert[]> =>
  listAlerts(db, { state: 'firing', userId, limit: 500 });

export async function findAlert(
  db: Kysely<AlertTables> | Transaction<AlertTables>,
  id: string,
): Promise<Alert | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('alert_id', '=', id).executeTakeFirst();
  return row && toAlert(row);
}

/** Notes a transition. Firing again opens the alert anew: who acknowledged it before has not seen this. */
export async function noteTransition(
  tx: Transaction<AlertTables>,
  alertId: string,
  number: number,
  transition: AlertTransition,
): Promise<void> {
  const changedAtMs = Date.parse(transition.at);
  const current = {
    status: transition.state,
    number,
    changed_at_ms: changedAtMs,
    transition: JSON.stringify(transition),
  };
  await tx
    .insertInto('alerts')
    .values({
      alert_id: alertId,
      user_id: transition.user_id,
      rule: transition.rule,
      level: transition.level,
      opened_at_ms: changedAtMs,
      acknowledged_at_ms: null,
      snoozed_until_ms: null,
      ...current,
    })
    .onConflict((conflict) =>
      conflict
        .column('alert_id')
        .doUpdateSet({
          ...current,
          ...(transition.state === 'firing' && { acknowledged_at_ms: null, snoozed_until_ms: null }),
        })
        .where('alerts.number', '<', number),
    )
    .execute();
}

export async function markAcknowledged(tx: Transaction<AlertTables>, id: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ acknowledged_at_ms: nowMs })
    .where('alert_id', '=', id)
    .where('acknowledged_at_ms', 'is', null)
    .execute();
}

export async function markSnoozed(tx: Transaction<AlertTables>, id: string, untilMs: number | null): Promise<void> {
  await tx.updateTable('alerts').set({ snoozed_until_ms: untilMs }).where('alert_id', '=', id).execute();
}

/** Alerts whose snooze is over. */
export async function listSnoozeOver(db: Kysely<AlertTables>, nowMs: number): Promise<Alert[]> {
  const rows = await db.selectFrom('alerts').selectAll().where('snoozed_until_ms', '<=', nowMs).limit(500).execute();
  return rows.map(toAlert);
}
