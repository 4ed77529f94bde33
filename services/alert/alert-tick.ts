// What time alone brings about: nights that have settled, people of whom nothing came, snoozes that are over, rules that are gone. One replica does it, under
// the lease; a state that the consumer wrote meanwhile is left for the next tick.
import type { RuleState } from '../../schemas/alert-state.ts';
import { metricsTopic } from '../../schemas/metrics-message.ts';
import { addDeliveries, listDeliveries, type NewDelivery } from '../storage/alert-deliveries.ts';
import { endOrphans } from '../storage/alert-delivery-sweeps.ts';
import { readAlertNote, writeAlertNote } from '../storage/alert-notes.ts';
import { findTransition } from '../storage/alert-outbox.ts';
import {
  type KeptRuleState,
  loadDueRuleStates,
  loadOffsets,
  loadRuleStates,
  saveRuleState,
} from '../storage/alert-rule-states.ts';
import { type Alert, listOpenAlerts, listSnoozeOver, markSnoozed } from '../storage/alerts.ts';
import { loadOffset } from '../storage/consumer-offsets.ts';
import { alertConsumerName } from './alert-consumer.ts';
import { type AlertContext, planOf, rulesFor } from './alert-context.ts';
import { decideAlert } from './decisions/decide-alert.ts';
import { offsetAt } from './decisions/decide-local-time.ts';
import { transitionId } from './decisions/decide-transition.ts';
import { addressesOf, raise } from './raise.ts';

const minuteMs = 60_000;
/** A pause of the tick longer than this was a sleep of the machine or a stop of the service. */
const pauseMs = 15 * minuteMs;
/** After a pause the ring gets this long to bring what it has. */
const graceMs = 60 * minuteMs;
const batchSize = 200;

export async function tick(context: AlertContext): Promise<void> {
  const nowMs = context.clock.now();
  const awakeSinceMs = await noteTick(context, nowMs);
  let canMiss: Promise<boolean> | undefined;
  const askOnce = () => {
    canMiss ??= mayMiss(context, awakeSinceMs, nowMs);
    return canMiss;
  };
  for (const kept of await loadDueRuleStates(context.state.read, nowMs, batchSize))
    await tickRule(context, kept, askOnce, nowMs);
  await closeGoneRules(context, nowMs);
  await remind(context, nowMs);
  const configured = context.channels.map(({ name }) => name);
  const orphans = await context.state.transaction((tx) => endOrphans(tx, configured, nowMs));
  for (const channel of orphans) context.metrics.deliveries.inc({ channel, outcome: 'failed' });
}

async function tickRule(
  context: AlertContext,
  kept: KeptRuleState,
  canMiss: () => Promise<boolean>,
  nowMs: number,
): Promise<void> {
  const { userId } = kept;
  const rule = rulesFor(context, userId).find(({ id }) => id === kept.rule);
  if (!rule) {
    await context.state.transaction((tx) => saveRuleState(tx, { ...kept, readVersion: kept.version, dueAtMs: null }));
    return;
  }
  const offset = (await loadOffsets(context.state.read, [userId])).get(userId);
  const answer = decideAlert({
    rule,
    userId,
    state: kept.state,
    input: { kind: 'tick', canMiss: rule.kind === 'absence' && (await canMiss()) },
    settings: { ...context.timing, offsetMinutes: offsetAt(offset, context.timeZone, nowMs) },
    nowMs,
  });
  if (answer.state === kept.state && answer.dueAtMs === kept.dueAtMs) return;
  const next = { userId, rule: rule.id, state: answer.state, dueAtMs: answer.dueAtMs, readVersion: kept.version };
  const isSaved = await context.state.transaction(async (tx) => {
    if (!(await saveRuleState(tx, next))) return false;
    for (const raised of answer.transitions) await raise(tx, raised, planOf(context, rule), nowMs);
    return true;
  });
  if (!isSaved) return;
  for (const reason of answer.reasons) context.metrics.decisions.inc({ reason });
  for (const { transition } of answer.transitions) {
    context.metrics.transitions.inc({ rule: rule.id, level: transition.level, state: transition.state });
    context.wakeSender();
  }
}

/** Writes down that the tick runs, once a minute; tells since when it has run without a pause. */
async function noteTick({ state }: AlertContext, nowMs: number): Promise<number> {
  const last = await readAlertNote(state.read, 'tick');
  const wasAway = last === undefined || nowMs - last.writtenAtMs > pauseMs;
  if (wasAway || nowMs - last.writtenAtMs >= minuteMs)
    await state.transaction(async (tx) => {
      await writeAlertNote(tx, 'tick', '', nowMs);
      if (wasAway) await writeAlertNote(tx, 'resumed', '', nowMs);
    });
  return (await readAlertNote(state.read, 'resumed'))?.writtenAtMs ?? nowMs;
}

/** Absence is only judged by someone who was there: awake for a while, and with all that has come already read. */
async function mayMiss({ state, log }: AlertContext, awakeSinceMs: number, nowMs: number): Promise<boolean> {
  if (nowMs - awakeSinceMs < graceMs) return false;
  for (const range of await log.ranges(metricsTopic)) {
    if (range.next <= range.earliest) continue;
    const offset = await loadOffset(state.read, alertConsumerName, range);
    if ((offset ?? range.earliest) < range.next) return false;
  }
  return true;
}

/** An alert whose rule was removed or switched off would stay open for ever. It is closed on the page, and no channel is bothered. */
async function closeGoneRules(context: AlertContext, nowMs: number): Promise<void> {
  for (const alert of await listOpenAlerts(context.state.read)) {
    if (rulesFor(context, alert.userId).some(({ id }) => id === alert.rule)) continue;
    const number = (alert.transition.number ?? 1) + 1;
    const transition = {
      ...alert.transition,
      id: transitionId(alert.id, number),
      number,
      state: 'resolved' as const,
      at: new Date(nowMs).toISOString(),
      summary: `Over: ${alert.transition.title}. Its rule was removed or switched off.`,
    };
    const plan = { channels: [], recipients: [], quiet: null, limitMs: 0 };
    const kept = (await loadRuleStates(context.state.read, [alert.userId])).find(({ rule }) => rule === alert.rule);
    await context.state.transaction(async (tx) => {
      if (kept && !(await saveRuleState(tx, { ...kept, ...closed(kept, number), readVersion: kept.version }))) return;
      await raise(tx, { transition, causeMs: nowMs }, plan, nowMs);
    });
    context.wakeSender();
  }
}

function closed({ state }: KeptRuleState, number: number): { state: RuleState; dueAtMs: null } {
  const { open } = state;
  const numbers = open ? { ...state.numbers, [open.subject]: { number, placeMs: open.endMs } } : state.numbers;
  return { state: { ...state, open: null, numbers }, dueAtMs: null };
}

/** Says again, once, what still fires when its snooze is over. */
async function remind(context: AlertContext, nowMs: number): Promise<void> {
  for (const alert of await listSnoozeOver(context.state.read, nowMs)) {
    const deliveries = alert.state === 'firing' ? await reminders(context, alert, nowMs) : [];
    await context.state.transaction(async (tx) => {
      await markSnoozed(tx, alert.id, null);
      await addDeliveries(tx, deliveries);
    });
    context.wakeSender();
  }
}

async function reminders(context: AlertContext, alert: Alert, nowMs: number): Promise<NewDelivery[]> {
  const rule = rulesFor(context, alert.userId).find(({ id }) => id === alert.rule);
  const number = alert.transition.number ?? 1;
  const transition = await findTransition(context.state.read, alert.id, number);
  if (!rule || !transition || alert.acknowledgedAtMs !== null) return [];
  const plan = planOf(context, rule);
  const waiting = (await listDeliveries(context.state.read, [alert.id])).filter(({ status }) => status === 'waiting');
  const channels = plan.channels.filter((name) => !waiting.some(({ channel }) => channel === name));
  return addressesOf({ ...plan, channels }).map(({ channel, name, recipients }) => ({
    id: `${transition.id}/${name}/again-${alert.snoozedUntilMs ?? nowMs}`,
    transitionId: transition.id,
    alertId: alert.id,
    channel,
    step: number * 2 + 1,
    recipients,
    isReminder: true,
    quiet: plan.quiet,
    notBeforeMs: 0,
    deadlineMs: nowMs + plan.limitMs,
    nowMs,
  }));
}
