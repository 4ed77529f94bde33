// Nothing new of a person for so many hours: judged on the tick, resolved by the next live document. What a backfill or an import brings is not
// news, so a person who only ever imported files is never missed. The subject is the instant since which nothing came.
import type { AbsenceRule } from '../../../schemas/alert-rules.ts';
import type { RuleState } from '../../../schemas/alert-state.ts';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import type { Change, Judged } from './decide-metric-alert.ts';
import { compactInstant } from './decide-readings.ts';

const hourMs = 3_600_000;

export function isNews(message: MetricsMessage): boolean {
  return !message.deleted && message.via !== 'backfill' && message.via !== 'import';
}

export function takeNews(state: RuleState, message: MetricsMessage): Judged {
  if (!isNews(message)) return { state, change: null, reasons: ['not_news'] };
  const knownAtMs = Date.parse(message.known_at);
  if (state.newestMs !== null && knownAtMs <= state.newestMs) return { state, change: null, reasons: ['older_news'] };
  const next: RuleState = { ...state, newestMs: knownAtMs, open: null };
  if (!state.open) return { state: next, change: null, reasons: ['unchanged'] };
  const { subject, number } = state.open;
  const change: Change = {
    to: 'resolved',
    subject,
    number: number + 1,
    reading: null,
    day: undefined,
    causeMs: knownAtMs,
  };
  return { state: next, change, reasons: ['resolved'] };
}

export const missedAtMs = (rule: AbsenceRule, { newestMs, open }: RuleState): number | null =>
  newestMs === null || open ? null : newestMs + rule.hours * hourMs;

export function judgeAbsence(rule: AbsenceRule, state: RuleState, nowMs: number): Judged {
  const dueMs = missedAtMs(rule, state);
  if (dueMs === null || state.newestMs === null || dueMs > nowMs)
    return { state, change: null, reasons: ['unchanged'] };
  const subject = compactInstant(state.newestMs);
  const open = { subject, number: 1, endMs: state.newestMs };
  const change: Change = { to: 'firing', subject, number: 1, reading: null, day: undefined, causeMs: nowMs };
  return { state: { ...state, open }, change, reasons: ['firing'] };
}
