// The deliveries of the outbox: adding, taking up and ending them. A delivery ends exactly once, as delivered, failed, too late or silenced; everything
// that was not sent can be listed with its reason. The table is made in alert-outbox.ts.
import type { Kysely, Transaction } from 'kysely';
import { type QuietHours, quietHours } from '../../schemas/alert-rules.ts';
import { type AlertTransition, alertTransition } from '../../schemas/alert-transition.ts';
import type { AlertOutboxTables, DeliveryStatus } from './alert-outbox.ts';

export interface NewDelivery {
  id: string;
  transitionId: string;
  alertId: string;
  channel: string;
  step: number;
  recipients: readonly string[] | null;
  isReminder: boolean;
  quiet: QuietHours | null;
  notBeforeMs: number;
  deadlineMs: number;
  nowMs: number;
}

export interface Delivery extends Omit<NewDelivery, 'nowMs' | 'notBeforeMs'> {
  attempts: number;
  transition: AlertTransition;
}

export async function addDeliveries(
  tx: Transaction<AlertOutboxTables>,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map((d): AlertOutboxTables['alert_deliveries'] => ({
    delivery_id: d.id,
    transition_id: d.transitionId,
    alert_id: d.alertId,
    channel: d.channel,
    step: d.step,
    recipients: d.recipients && JSON.stringify(d.recipients),
    is_reminder: d.isReminder ? 1 : 0,
    quiet: d.quiet && JSON.stringify(d.quiet),
    status: 'waiting',
    attempts: 0,
    not_before_ms: d.notBeforeMs,
    retry_at_ms: 0,
    deadline_ms: d.deadlineMs,
    reason: null,
    advice: null,
    created_at_ms: d.nowMs,
    ended_at_ms: null,
  }));
  await tx
    .insertInto('alert_deliveries')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** When the channel may be used again: the latest wait that one of its deliveries was told. */
export async function channelBlockedUntilMs(db: Kysely<AlertOutboxTables>, channel: string): Promise<number> {
  const row = await db
    .selectFrom('alert_deliveries')
    .select((e) => e.fn.max('retry_at_ms').as('until'))
    .where('channel', '=', channel)
    .where('status', '=', 'waiting')
    .executeTakeFirst();
  return Number(row?.until ?? 0);
}

/**
 * What may go out on a channel now: published, due, not too late, and not before an earlier message of the same alert. The least tried first, so one message that a
 * channel chokes on does not hold up the others.
 */
export async function listDueDeliveries(
  db: Kysely<AlertOutboxTables>,
  { channel, nowMs, limit }: { channel: string; nowMs: number; limit: number },
): Promise<Delivery[]> {
  const rows = await db
    .selectFrom('alert_deliveries as d')
    .innerJoin('alert_transitions as t', 't.transition_id', 'd.transition_id')
    .selectAll('d')
    .select('t.transition')
    .where('d.channel', '=', channel)
    .where('d.status', '=', 'waiting')
    .where('d.not_before_ms', '<=', nowMs)
    .where('d.deadline_ms', '>', nowMs)
    .where('t.published_at_ms', 'is not', null)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('alert_deliveries as earlier')
            .select('earlier.delivery_id')
            .whereRef('earlier.alert_id', '=', 'd.alert_id')
            .whereRef('earlier.channel', '=', 'd.channel')
            .where('earlier.status', '=', 'waiting')
            .whereRef('earlier.step', '<', 'd.step'),
        ),
      ),
    )
    .orderBy('d.attempts')
    .orderBy('d.created_at_ms')
    .orderBy('d.delivery_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.delivery_id,
    transitionId: row.transition_id,
    alertId: row.alert_id,
    channel: row.channel,
    step: row.step,
    recipients: row.recipients === null ? null : (JSON.parse(row.recipients) as string[]),
    isReminder: row.is_reminder === 1,
    quiet: row.quiet === null ? null : quietHours.parse(JSON.parse(row.quiet)),
    deadlineMs: row.deadline_ms,
    attempts: row.attempts,
    transition: alertTransition.parse(JSON.parse(row.transition)),
  }));
}

export interface DeliveryEnd {
  id: string;
  status: Exclude<DeliveryStatus, 'waiting'>;
  attempts: number;
  reason: string | null;
  advice: string | null;
  nowMs: number;
}

export async function endDelivery(tx: Transaction<AlertOutboxTables>, end: DeliveryEnd): Promise<void> {
  await tx
    .updateTable('alert_deliveries')
    .set({
      status: end.status,
      attempts: end.attempts,
      reason: end.reason,
      advice: end.advice,
      ended_at_ms: end.nowMs,
    })
    .where('delivery_id', '=', end.id)
    .where('status', '=', 'waiting')
    .execute();
}

export async function postponeDelivery(
  tx: Transaction<AlertOutboxTables>,
  wait: { id: string; attempts: number; retryAtMs: number; reason: string },
): Promise<void> {
  await tx
    .updateTable('alert_deliveries')
    .set({ attempts: wait.attempts, retry_at_ms: wait.retryAtMs, reason: wait.reason })
    .where('delivery_id', '=', wait.id)
    .where('status', '=', 'waiting')
    .execute();
}

/** Holds a delivery back without counting a try. */
export async function holdDelivery(tx: Transaction<AlertOutboxTables>, id: string, notBeforeMs: number): Promise<void> {
  await tx.updateTable('alert_deliveries').set({ not_before_ms: notBeforeMs }).where('delivery_id', '=', id).execute();
}

export interface DeliveryRecord {
  id: string;
  transitionId: string;
  alertId: string;
  channel: string;
  status: DeliveryStatus;
  attempts: number;
  reason: string | null;
  advice: string | null;
  endedAtMs: number | null;
}

/** What became of the deliveries of some alerts, oldest first. */
export async function listDeliveries(
  db: Kysely<AlertOutboxTables>,
  alertIds: readonly string[],
): Promise<DeliveryRecord[]> {
  if (alertIds.length === 0) return [];
  const rows = await db
    .selectFrom('alert_deliveries')
    .selectAll()
    .where('alert_id', 'in', alertIds)
    .orderBy('created_at_ms')
    .orderBy('step')
    .orderBy('channel')
    .execute();
  return rows.map((row) => ({
    id: row.delivery_id,
    transitionId: row.transition_id,
    alertId: row.alert_id,
    channel: row.channel,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    reason: row.reason,
    advice: row.advice,
    endedAtMs: row.ended_at_ms,
  }));
}
