// The rules file of the alert service: what is watched, when it speaks, how loudly and to whom. It is written by people, so every unknown key and
// every contradiction is an error with its place. Leaves out whether a metric exists, which the catalogue of metrics knows.
import { z } from 'zod';
import { resourceName } from './oura/resources.ts';

export const alertLevel = z.enum(['info', 'warning', 'urgent']);
export type AlertLevel = z.infer<typeof alertLevel>;

export const channelNames = ['slack', 'discord', 'email', 'webhook'] as const;
export const channelName = z.enum(channelNames);
export type ChannelName = z.infer<typeof channelName>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a local time such as 22:00');
export const quietHours = z.strictObject({ from: timeOfDay, to: timeOfDay });
export type QuietHours = z.infer<typeof quietHours>;

const word = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a word in snake_case');
const sentence = z.string().min(1).max(500);

const shared = {
  /** Part of every transition id: renaming a rule makes it a new one. */
  id: word,
  title: z.string().min(1).max(80),
  /** Why this rule and this threshold. */
  reason: sentence,
  /** What the person may do, in one sentence. */
  action: sentence,
  level: alertLevel,
  enabled: z.boolean().default(true),
  /** Default: every channel that is configured. */
  channels: z.array(channelName).min(1).optional(),
  /** Mail addresses instead of ALERT_EMAIL_TO. */
  recipients: z.array(z.email()).min(1).optional(),
  /** Our ids of the people it holds for. Default: everybody. */
  people: z.array(z.string().min(1)).min(1).optional(),
  /** Instead of the file's; false: at any hour. An urgent rule is never held back. */
  quiet_hours: z.union([quietHours, z.literal(false)]).optional(),
  /** Instead of ALERT_LIMIT_HOURS. */
  deliver_within_hours: z.number().positive().max(168).optional(),
};

const duration = z.union(
  [
    z.strictObject({ days: z.int().min(1).max(30) }),
    z.strictObject({ points: z.int().min(1).max(1000) }),
    z.strictObject({ minutes: z.int().min(1).max(1440) }),
  ],
  'expected one of {"days": n}, {"points": n}, {"minutes": n}',
);

const metricRule = z
  .strictObject({
    kind: z.literal('metric'),
    ...shared,
    metric: word,
    /** Narrows the metric to one source. */
    resource: resourceName.optional(),
    aggregation: word.optional(),
    context: z.string().min(1).optional(),
    /** `sleep_of_day`: all sleep of a day added up, once its long sleep is there; naps alone are never judged. */
    judge: z.enum(['value', 'sleep_of_day']).default('value'),
    comparison: z.enum(['<', '<=', '>', '>=']),
    threshold: z.number(),
    /** Unit of the numbers here, where it is not the metric's own. */
    unit: z.enum(['h', 'min']).optional(),
    /** The alert ends when the value is on the good side of this. Default: the threshold. */
    clear: z.number().optional(),
    /** How long it must hold: consecutive days, points in a row, or minutes. Default: once. */
    for: duration.optional(),
  })
  .superRefine((rule, context) => {
    if (rule.clear === undefined) return;
    const below = rule.comparison.startsWith('<');
    if (below ? rule.clear < rule.threshold : rule.clear > rule.threshold)
      context.addIssue({
        code: 'custom',
        path: ['clear'],
        message: `expected a value ${below ? 'not below' : 'not above'} the threshold ${rule.threshold}`,
      });
  });
export type MetricRule = z.infer<typeof metricRule>;

const absenceRule = z.strictObject({
  kind: z.literal('absence'),
  ...shared,
  /** Nothing new has come of a person for this long. */
  hours: z.number().min(1).max(720),
});
export type AbsenceRule = z.infer<typeof absenceRule>;

const alertRule = z.discriminatedUnion('kind', [metricRule, absenceRule]);
export type AlertRule = z.infer<typeof alertRule>;

export const alertRulesFile = z
  .strictObject({
    /** Ignored; says what the file is. */
    about: z.string().optional(),
    version: z.literal(1),
    quiet_hours: z.union([quietHours, z.literal(false)]),
    rules: z.array(alertRule),
  })
  .superRefine(({ rules }, context) => {
    const seen = new Set<string>();
    for (const [index, { id }] of rules.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: ['rules', index, 'id'], message: `${id} is the id of two rules` });
      seen.add(id);
    }
  });
export type AlertRulesFile = z.infer<typeof alertRulesFile>;
