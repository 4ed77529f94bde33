// What ends or holds back many deliveries at once: the limit of lateness, a channel that is gone, a person who has seen the alert or wants to hear of it later.
import type { Transaction } from 'kysely';
import type { AlertOutboxTables, DeliveryStatus } from './alert-outbox.ts';

/** Ends what could not be delivered within its limit; tells the channels, one item per delivery. */
export async function endTooLate(tx: Transaction<AlertOutboxTables>, nowMs: number): Promise<string[]> {
  const rows = await tx
    .updateTable('alert_deliveries')
    .set({ status: 'too_late' satisfies DeliveryStatus, ended_at_ms: nowMs, reason: 'too_late' })
    .where('status', '=', 'waiting')
    .where('deadline_ms', '<=', nowMs)
    .returning('channel')
    .execute();
  return rows.map(({ channel }) => channel);
}

/** Ends what waits for a channel that is no longer configured; tells how many. */
export async function endOrphans(
  tx: Transaction<AlertOutboxTables>,
  configured: readonly string[],
  nowMs: number,
): Promise<string[]> {
  let query = tx
    .updateTable('alert_deliveries')
    .set({
      status: 'failed' satisfies DeliveryStatus,
      ended_at_ms: nowMs,
      reason: 'not_configured',
      advice: 'The channel is not configured any more: set its variable again, or take it out of the rules.',
    })
    .where('status', '=', 'waiting');
  if (configured.length > 0) query = query.where('channel', 'not in', configured);
  const rows = await query.returning('channel').execute();
  return rows.map(({ channel }) => channel);
}

/** Ends what waits to say that an alert fires: a person has seen it. Tells the channels. */
export async function silenceFiring(
  tx: Transaction<AlertOutboxTables>,
  alertId: string,
  nowMs: number,
): Promise<string[]> {
  const rows = await tx
    .updateTable('alert_deliveries')
    .set({ status: 'silenced' satisfies DeliveryStatus, ended_at_ms: nowMs, reason: 'acknowledged' })
    .where('alert_id', '=', alertId)
    .where('status', '=', 'waiting')
    .returning('channel')
    .execute();
  return rows.map(({ channel }) => channel);
}

/** Holds back everything that waits about an alert; the limit moves with it. */
export async function snoozeDeliveries(
  tx: Transaction<AlertOutboxTables>,
  { alertId, untilMs, nowMs }: { alertId: string; untilMs: number; nowMs: number },
): Promise<void> {
  await tx
    .updateTable('alert_deliveries')
    .set((e) => ({ not_before_ms: untilMs, deadline_ms: e('deadline_ms', '+', untilMs - nowMs) }))
    .where('alert_id', '=', alertId)
    .where('status', '=', 'waiting')
    .execute();
}
