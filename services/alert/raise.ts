// Writes a transition down: the transition to publish, the alert as people see it, and one delivery per channel. All in the caller's transaction, with the
// state that decided it, so neither can be without the other. A transition that was raised before leaves everything as it is.
import type { Transaction } from 'kysely';
import type { AlertRule, ChannelName, QuietHours } from '../../schemas/alert-rules.ts';
import type { AlertTransition } from '../../schemas/alert-transition.ts';
import { addDeliveries, type NewDelivery } from '../storage/alert-deliveries.ts';
import { addTransition } from '../storage/alert-outbox.ts';
import { findAlert, noteTransition } from '../storage/alerts.ts';
import type { StateTables } from '../storage/tables.ts';
import type { RaisedTransition } from './decisions/decide-alert.ts';

export interface DeliveryPlan {
  channels: readonly ChannelName[];
  /** Mail addresses. */
  recipients: readonly string[];
  quiet: QuietHours | null;
  limitMs: number;
}

export interface DeliveryDefaults {
  configured: readonly ChannelName[];
  recipients: readonly string[];
  quiet: QuietHours | false;
  limitMs: number;
}

export function planFor(rule: AlertRule, defaults: DeliveryDefaults): DeliveryPlan {
  const quiet = rule.quiet_hours ?? defaults.quiet;
  return {
    channels: defaults.configured.filter((name) => rule.channels?.includes(name) ?? true),
    recipients: rule.recipients ?? defaults.recipients,
    quiet: rule.level === 'urgent' || quiet === false ? null : quiet,
    limitMs: rule.deliver_within_hours === undefined ? defaults.limitMs : rule.deliver_within_hours * 3_600_000,
  };
}

export interface Address {
  channel: ChannelName;
  /** The last part of a delivery's id; no mail address stands in an id. */
  name: string;
  recipients: readonly string[] | null;
}

/** Where a message goes: each channel once, and mail once for each recipient. */
export const addressesOf = ({ channels, recipients }: DeliveryPlan): Address[] =>
  channels.flatMap((channel): Address[] =>
    channel === 'email'
      ? recipients.map((recipient, index) => ({
          channel,
          name: index === 0 ? channel : `${channel}-${index + 1}`,
          recipients: [recipient],
        }))
      : [{ channel, name: channel, recipients: null }],
  );

/** The alert and the number of a transition as its id tells them. */
function identityOf(transition: AlertTransition): { alertId: string; number: number } {
  const cut = transition.id.lastIndexOf(':');
  return {
    alertId: transition.alert ?? transition.id.slice(0, cut),
    number: transition.number ?? Number(transition.id.slice(cut + 1)),
  };
}

/** False when it was raised before. */
export async function raise(
  tx: Transaction<StateTables>,
  { transition, causeMs }: RaisedTransition,
  plan: DeliveryPlan,
  nowMs: number,
): Promise<boolean> {
  const { alertId, number } = identityOf(transition);
  if (!(await addTransition(tx, { alertId, number, transition }))) return false;
  const snoozedUntilMs = (await findAlert(tx, alertId))?.snoozedUntilMs ?? 0;
  const isHeld = transition.state === 'resolved' && snoozedUntilMs > nowMs;
  await noteTransition(tx, alertId, number, transition);
  const deliveries = addressesOf(plan).map(
    ({ channel, name, recipients }): NewDelivery => ({
      id: `${transition.id}/${name}`,
      transitionId: transition.id,
      alertId,
      channel,
      step: number * 2,
      recipients,
      isReminder: false,
      quiet: plan.quiet,
      notBeforeMs: isHeld ? snoozedUntilMs : 0,
      deadlineMs: (isHeld ? snoozedUntilMs : causeMs) + plan.limitMs,
      nowMs,
    }),
  );
  await addDeliveries(tx, deliveries);
  return true;
}
