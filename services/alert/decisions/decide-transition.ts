// Gives a change its identity and its sentence. The id is person, rule, subject and number, and nothing of the moment it was decided in: the same
// change found again by a redelivery, a replay or another replica is the same transition.
import type { AlertRule } from '../../../schemas/alert-rules.ts';
import type { AlertTransition } from '../../../schemas/alert-transition.ts';
import type { Change } from './decide-metric-alert.ts';
import { thresholdOf } from './decide-side.ts';
import { inWords, limitInWords, localTimeInWords, spanInWords } from './decide-wording.ts';

export const alertId = (userId: string, rule: string, subject: string): string => `${userId}:${rule}:${subject}`;
export const transitionId = (alert: string, number: number): string => `${alert}:${number}`;

export interface TransitionContext {
  userId: string;
  nowMs: number;
  offsetMinutes: number;
  /** For absence: when the newest document was asked for. */
  newestMs: number | null;
}

export function transitionOf(rule: AlertRule, change: Change, context: TransitionContext): AlertTransition {
  const alert = alertId(context.userId, rule.id, change.subject);
  const { reading } = change;
  return {
    id: transitionId(alert, change.number),
    alert,
    number: change.number,
    user_id: context.userId,
    rule: rule.id,
    subject: change.subject,
    title: rule.title,
    level: rule.level,
    state: change.to,
    at: new Date(context.nowMs).toISOString(),
    action: rule.action,
    ...(rule.kind === 'metric' && {
      metric: rule.metric,
      comparison: rule.comparison,
      threshold: thresholdOf(rule),
    }),
    ...(reading && {
      value: reading.value,
      unit: reading.unit,
      ended_at: new Date(reading.endMs).toISOString(),
    }),
    ...(change.day !== undefined && { day: change.day }),
    summary: change.to === 'firing' ? firingSummary(rule, change, context) : resolvedSummary(rule, change, context),
  };
}

const when = ({ day, reading }: Change, offsetMinutes: number): string =>
  day !== undefined ? ` on ${day}` : reading ? ` at ${localTimeInWords(reading.endMs, offsetMinutes)}` : '';

function firingSummary(rule: AlertRule, change: Change, { newestMs, offsetMinutes }: TransitionContext): string {
  if (rule.kind === 'absence') {
    const since = newestMs === null ? '' : ` since ${localTimeInWords(newestMs, offsetMinutes)}`;
    return `${rule.title}: nothing has come${since}, for more than ${spanInWords(rule.hours * 3600)}.`;
  }
  const { reading } = change;
  const value = reading ? inWords(reading.value, reading.unit) : 'a value';
  const limit = limitInWords(rule.comparison, thresholdOf(rule), reading?.unit ?? '1');
  return `${rule.title}: ${value}, ${limit}${lasting(rule)}${when(change, offsetMinutes)}.`;
}

function lasting(rule: Extract<AlertRule, { kind: 'metric' }>): string {
  if (!rule.for) return '';
  if ('days' in rule.for) return ` for ${rule.for.days} days`;
  return 'points' in rule.for ? ` ${rule.for.points} times in a row` : ` for ${rule.for.minutes} min`;
}

function resolvedSummary(rule: AlertRule, change: Change, { offsetMinutes }: TransitionContext): string {
  if (rule.kind === 'absence') return `Over: ${rule.title}. New data has come.`;
  const { reading } = change;
  if (!reading) return `Over: ${rule.title}. The value${when(change, offsetMinutes)} was corrected or withdrawn.`;
  return `Over: ${rule.title}. It is ${inWords(reading.value, reading.unit)}${when(change, offsetMinutes)}.`;
}
