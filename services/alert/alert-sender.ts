// Brings the outbox out: publishes transitions to the topic, then sends what is due to each channel. Channels go side by side, a channel sends one message at
// a time. A kill at any point repeats the last step with the same id. What is late, quiet or to be tried again is decided elsewhere and only carried out here.
import { encodeAlert } from '../../schemas/alert-transition.ts';
import {
  channelBlockedUntilMs,
  type Delivery,
  endDelivery,
  holdDelivery,
  listDueDeliveries,
  postponeDelivery,
} from '../storage/alert-deliveries.ts';
import { endTooLate } from '../storage/alert-delivery-sweeps.ts';
import { listUnpublished, markPublished } from '../storage/alert-outbox.ts';
import { loadOffsets } from '../storage/alert-rule-states.ts';
import { listPeople } from '../storage/people.ts';
import type { AlertContext } from './alert-context.ts';
import type { Channel } from './channels/channel.ts';
import { afterTry } from './decisions/decide-delivery.ts';
import { offsetAt } from './decisions/decide-local-time.ts';
import { quietUntilMs } from './decisions/decide-quiet.ts';
import { noticeOf } from './messages/notice.ts';

const publishBatch = 100;
const deliveryBatch = 20;

export interface SenderParts {
  context: AlertContext;
  /** False once this process may not send any more. */
  mayGoOn(): boolean;
  /** In [0, 1). */
  random(): number;
  /** Told after each try, for health. */
  onTry(channel: Channel, advice: string | undefined): void;
}

/** One pass over everything that is due. @throws Failure when the log or `state` is down */
export async function sendDue(parts: SenderParts): Promise<void> {
  await publish(parts);
  const { state, clock, metrics, channels } = parts.context;
  const late = await state.transaction((tx) => endTooLate(tx, clock.now()));
  for (const channel of late) metrics.deliveries.inc({ channel, outcome: 'too_late' });
  const ends = await Promise.allSettled(channels.map((channel) => sendChannel(parts, channel)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function publish({ context, mayGoOn }: SenderParts): Promise<void> {
  while (mayGoOn()) {
    const transitions = await listUnpublished(context.state.read, publishBatch);
    if (transitions.length === 0) return;
    await context.log.append(transitions.map((transition) => encodeAlert(transition)));
    const ids = transitions.map(({ id }) => id);
    await context.state.transaction((tx) => markPublished(tx, ids, context.clock.now()));
  }
}

async function sendChannel(parts: SenderParts, channel: Channel): Promise<void> {
  const { state, clock } = parts.context;
  while (parts.mayGoOn()) {
    const nowMs = clock.now();
    if ((await channelBlockedUntilMs(state.read, channel.name)) > nowMs) return;
    const due = await listDueDeliveries(state.read, { channel: channel.name, nowMs, limit: deliveryBatch });
    if (due.length === 0) return;
    for (const delivery of due) {
      if (!parts.mayGoOn() || !(await sendOne(parts, channel, delivery))) return;
    }
  }
}

/** False when the channel wants to be left alone for a while. */
async function sendOne(parts: SenderParts, channel: Channel, delivery: Delivery): Promise<boolean> {
  const { context } = parts;
  const { state, clock, metrics } = context;
  const startMs = clock.now();
  if (delivery.deadlineMs <= startMs) return true;
  const quietMs = await quietEnd(context, delivery, startMs);
  if (quietMs > startMs) {
    await state.transaction((tx) => holdDelivery(tx, delivery.id, quietMs));
    return true;
  }
  const notice = noticeOf(delivery.transition, {
    deliveryId: delivery.id,
    isReminder: delivery.isReminder,
    personName: await nameOf(context, delivery.transition.user_id),
    nowMs: startMs,
  });
  const result = await channel.send(notice, { recipients: delivery.recipients, nowMs: startMs });
  const attempts = delivery.attempts + 1;
  const nowMs = clock.now();
  const verdict = afterTry(result, { attempts, nowMs, random: parts.random() });
  parts.onTry(channel, verdict.kind === 'failed' ? verdict.advice : undefined);
  metrics.deliveries.inc({ channel: channel.name, outcome: verdict.kind === 'waiting' ? 'retry' : verdict.kind });
  const { id } = delivery;
  if (verdict.kind === 'waiting') {
    const { reason, retryAtMs } = verdict;
    context.logger.warn({ channel: channel.name, delivery: id, attempts, reason }, 'an alert could not be sent yet');
    await state.transaction((tx) => postponeDelivery(tx, { id, attempts, retryAtMs, reason }));
    return false;
  }
  const isFailed = verdict.kind === 'failed';
  if (isFailed)
    context.logger.error({ channel: channel.name, delivery: id, advice: verdict.advice }, 'an alert failed');
  const reason = isFailed ? verdict.reason : null;
  const advice = isFailed ? verdict.advice : null;
  await state.transaction((tx) => endDelivery(tx, { id, status: verdict.kind, attempts, reason, advice, nowMs }));
  return true;
}

async function quietEnd({ state, timeZone }: AlertContext, delivery: Delivery, nowMs: number): Promise<number> {
  const userId = delivery.transition.user_id;
  const known = (await loadOffsets(state.read, [userId])).get(userId);
  return quietUntilMs(delivery.quiet, (atMs) => offsetAt(known, timeZone, atMs), nowMs);
}

/** Only told where there are several people. */
async function nameOf({ state }: AlertContext, userId: string): Promise<string | undefined> {
  const people = await listPeople(state.read);
  return people.length > 1 ? people.find((person) => person.userId === userId)?.name : undefined;
}
