// Reads metrics messages and judges them by every rule of their person. States, transitions, deliveries and the offset are written in one transaction; a
// state that the tick wrote meanwhile makes the whole batch come again.
import { decodeMetrics, type MetricsMessage, metricsTopic } from '../../schemas/metrics-message.ts';
import { MalformedMessage } from '../../schemas/wire.ts';
import { type ConsumerDefinition, deadLetter, done, type Outcome, skip } from '../runtime/consumer/consumer.ts';
import { Failure } from '../runtime/failure.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import {
  type KeptRuleState,
  loadOffsets,
  loadRuleStates,
  type PersonOffset,
  savePersonOffset,
  saveRuleState,
} from '../storage/alert-rule-states.ts';
import type { StateTables } from '../storage/tables.ts';
import { type AlertContext, planOf, rulesFor } from './alert-context.ts';
import { decideAlert, type RaisedTransition } from './decisions/decide-alert.ts';
import { newestOffset, offsetAt } from './decisions/decide-local-time.ts';
import { type DeliveryPlan, raise } from './raise.ts';

export const alertConsumerName = 'alert';

interface Step {
  raised: RaisedTransition;
  plan: DeliveryPlan;
}

export function alertConsumer(context: AlertContext): ConsumerDefinition<StateTables> {
  return {
    name: alertConsumerName,
    topics: [metricsTopic],
    isTold: true,
    async handle(records, nowMs) {
      const read = records.map(decode);
      const userIds = [...new Set(read.flatMap((item) => ('message' in item ? item.message.user_id : [])))];
      const before = new Map((await loadRuleStates(context.state.read, userIds)).map((kept) => [keyOf(kept), kept]));
      const offsets = await loadOffsets(context.state.read, userIds);
      const knownOffsets = new Map(offsets);
      const states = new Map(before);
      const steps: Step[] = [];
      const outcomes = read.map((item): Outcome => {
        if (!('message' in item)) return item.outcome;
        return judgeMessage(context, item.message, { states, offsets, steps, nowMs });
      });
      return {
        outcomes,
        async write(tx) {
          for (const [userId, offset] of offsets) {
            if (offset !== knownOffsets.get(userId)) await savePersonOffset(tx, userId, offset);
          }
          for (const [key, kept] of states) {
            if (kept === before.get(key)) continue;
            const isSaved = await saveRuleState(tx, { ...kept, readVersion: before.get(key)?.version });
            if (!isSaved) throw new Failure('dependency', 'an alert state was written by the tick meanwhile');
          }
          for (const { raised, plan } of steps) await raise(tx, raised, plan, nowMs);
        },
        committed() {
          for (const { raised } of steps) {
            const { rule, level, state } = raised.transition;
            context.metrics.transitions.inc({ rule, level, state });
          }
          if (steps.length > 0) context.wakeSender();
        },
      };
    },
  };
}

const keyOf = ({ userId, rule }: { userId: string; rule: string }): string => `${userId}/${rule}`;

function decode(record: LogRecord): { message: MetricsMessage } | { outcome: Outcome } {
  try {
    return { message: decodeMetrics(record) };
  } catch (error) {
    if (error instanceof MalformedMessage) return { outcome: deadLetter('malformed', error.message) };
    throw error;
  }
}

interface Batch {
  states: Map<string, KeptRuleState>;
  offsets: Map<string, PersonOffset>;
  steps: Step[];
  nowMs: number;
}

function judgeMessage(
  context: AlertContext,
  message: MetricsMessage,
  { states, offsets, steps, nowMs }: Batch,
): Outcome {
  const userId = message.user_id;
  const offset = newestOffset(offsets.get(userId), message);
  if (offset) offsets.set(userId, offset);
  const settings = { ...context.timing, offsetMinutes: offsetAt(offset, context.timeZone, nowMs) };
  let isJudged = false;
  for (const rule of rulesFor(context, userId)) {
    const key = keyOf({ userId, rule: rule.id });
    const kept = states.get(key);
    const answer = decideAlert({
      rule,
      userId,
      state: kept?.state,
      input: { kind: 'metrics', message },
      settings,
      nowMs,
    });
    for (const reason of answer.reasons) context.metrics.decisions.inc({ reason });
    isJudged ||= !answer.reasons.includes('not_for_this_rule');
    for (const raised of answer.transitions) steps.push({ raised, plan: planOf(context, rule) });
    if (answer.state !== kept?.state && !answer.reasons.includes('not_for_this_rule'))
      states.set(key, {
        userId,
        rule: rule.id,
        version: kept?.version ?? 0,
        state: answer.state,
        dueAtMs: answer.dueAtMs,
      });
  }
  return isJudged ? done : skip('no_rule');
}
