// The one decision of the alert service: what a metrics message or the clock's tick changes for one person and one rule. Pure; the caller keeps the
// state and sends what comes out. At most one transition per step, and none for what was said before.
import type { AlertRule } from '../../../schemas/alert-rules.ts';
import type { RuleState } from '../../../schemas/alert-state.ts';
import type { AlertTransition } from '../../../schemas/alert-transition.ts';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { judgeAbsence, missedAtMs, takeNews } from './decide-absence.ts';
import { type AlertTiming, type Judged, judge, nextSettleMs, settle, takeDocument } from './decide-metric-alert.ts';
import { transitionOf } from './decide-transition.ts';

/** `canMiss` is false while the service itself may be the one who missed something. */
export type AlertInput = { kind: 'metrics'; message: MetricsMessage } | { kind: 'tick'; canMiss: boolean };

/** When absence cannot be judged yet. */
const askAgainMs = 5 * 60_000;

export interface AlertQuestion {
  rule: AlertRule;
  userId: string;
  state: RuleState | undefined;
  input: AlertInput;
  settings: AlertTiming & { offsetMinutes: number };
  nowMs: number;
}

export interface AlertAnswer {
  state: RuleState;
  transitions: RaisedTransition[];
  /** Snake_case words from a closed set: metric labels. */
  reasons: string[];
  /** When the tick has to look again. */
  dueAtMs: number | null;
}

export interface RaisedTransition {
  transition: AlertTransition;
  /** When the fact behind it was known: a delivery's lateness counts from here. */
  causeMs: number;
}

/** What of a rule decides: where it changes, old judgements do not hold. */
export function fingerprintOf(rule: AlertRule): string {
  if (rule.kind === 'absence') return `absence ${rule.hours}`;
  const { metric, resource, aggregation, context, judge: how, comparison, threshold, unit, clear } = rule;
  return JSON.stringify([metric, resource, aggregation, context, how, comparison, threshold, unit, clear, rule.for]);
}

export function stateFor(rule: AlertRule, state: RuleState | undefined): RuleState {
  const fingerprint = fingerprintOf(rule);
  if (!state) {
    return {
      fingerprint,
      documents: {},
      base: { firing: false, streak: null },
      floorMs: 0,
      numbers: {},
      open: null,
      newestMs: null,
    };
  }
  if (state.fingerprint === fingerprint) return state;
  return { ...state, fingerprint, documents: {}, base: { firing: state.open !== null, streak: null } };
}

export function decideAlert(question: AlertQuestion): AlertAnswer {
  const { rule, userId, nowMs, settings } = question;
  const state = stateFor(rule, question.state);
  const judged = step(question, state);
  const transitions = judged.change
    ? [
        {
          transition: transitionOf(rule, judged.change, {
            userId,
            nowMs,
            offsetMinutes: settings.offsetMinutes,
            newestMs: judged.state.newestMs,
          }),
          causeMs: judged.change.causeMs,
        },
      ]
    : [];
  return { state: judged.state, transitions, reasons: judged.reasons, dueAtMs: dueAt(question, judged) };
}

function dueAt({ rule, nowMs }: AlertQuestion, { state, reasons }: Judged): number | null {
  if (rule.kind === 'metric') return nextSettleMs(state);
  return reasons.includes('may_have_missed') ? nowMs + askAgainMs : missedAtMs(rule, state);
}

function step({ rule, input, settings, nowMs }: AlertQuestion, state: RuleState): Judged {
  if (rule.kind === 'absence') {
    if (input.kind === 'metrics') return takeNews(state, input.message);
    const isDue = (missedAtMs(rule, state) ?? Number.POSITIVE_INFINITY) <= nowMs;
    if (isDue && !input.canMiss) return { state, change: null, reasons: ['may_have_missed'] };
    return judgeAbsence(rule, state, nowMs);
  }
  if (input.kind === 'tick') {
    const settled = settle(state, nowMs);
    if (settled.settledAtMs === null) return { state, change: null, reasons: ['unchanged'] };
    return judge(rule, settled.state, settings, settled.settledAtMs);
  }
  const taken = takeDocument(rule, state, input.message, { ...settings, nowMs });
  if (!taken.isTaken) return { state, change: null, reasons: [taken.reason] };
  const judged = judge(rule, taken.state, settings, Date.parse(input.message.known_at));
  return { ...judged, reasons: taken.reason === 'provisional' ? ['provisional', ...judged.reasons] : judged.reasons };
}
