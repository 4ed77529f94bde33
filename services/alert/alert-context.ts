// What consumer, tick, sender and commands of the alert service share: its parts, and the rules and channels as they are now.
import type { AlertRule } from '../../schemas/alert-rules.ts';
import type { Clock } from '../runtime/clock.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { StateDatabase } from '../storage/tables.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { Channel } from './channels/channel.ts';
import type { AlertTiming } from './decisions/decide-metric-alert.ts';
import { type DeliveryPlan, planFor } from './raise.ts';
import type { Rules } from './rules/rules-file.ts';

export interface AlertContext {
  log: MessageLog;
  state: StateDatabase;
  clock: Clock;
  logger: Logger;
  rules: Rules;
  channels: readonly Channel[];
  metrics: AlertMetrics;
  timing: AlertTiming;
  limitMs: number;
  /** Mail addresses of rules that name none. */
  recipients: readonly string[];
  /** IANA name. */
  timeZone: string;
  /** Something may be due for the sender. */
  wakeSender(): void;
}

/** The rules that hold for a person. */
export const rulesFor = ({ rules }: AlertContext, userId: string): AlertRule[] =>
  rules.current().file.rules.filter((rule) => rule.enabled && (rule.people?.includes(userId) ?? true));

export const planOf = (context: AlertContext, rule: AlertRule): DeliveryPlan =>
  planFor(rule, {
    configured: context.channels.map(({ name }) => name),
    quiet: context.rules.current().file.quiet_hours,
    limitMs: context.limitMs,
    recipients: context.recipients,
  });
