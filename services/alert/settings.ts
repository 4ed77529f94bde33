// The settings of the alert service: its rules, the channels, and how old is too old. Rules themselves stand in a file.
import { z } from 'zod';
import { setting } from '../runtime/settings.ts';

const hours = (most: number) =>
  z.coerce.number('expected a number of hours').positive('expected more than 0 hours').max(most);

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

export const alertSettings = z
  .object({
    ALERT_RULES_FILE: setting
      .text()
      .optional()
      .describe('The file of alert rules. Default: the rules that come with the program.'),
    ALERT_MAX_AGE_HOURS: hours(720)
      .default(36)
      .describe('A value can raise an alert only if its period ended less than this before it was known.'),
    ALERT_SETTLE_MINUTES: z.coerce
      .number('expected a number of minutes')
      .min(0)
      .max(720)
      .default(30)
      .describe('A night is judged when this long no new version of it has come.'),
    ALERT_LIMIT_HOURS: hours(168)
      .default(24)
      .describe('A message that could not be delivered for this long is recorded as too late and not sent.'),
    TZ: z
      .string()
      .refine(isTimeZone, 'expected a time zone such as Europe/Berlin')
      .optional()
      .describe('Time zone for quiet hours at home and until the ring tells an offset. Default: that of the machine.'),
    SLACK_WEBHOOK_URL: setting.url().optional().describe('Incoming webhook of Slack: alerts go there.'),
    DISCORD_WEBHOOK_URL: setting.url().optional().describe('Webhook of a Discord channel: alerts go there.'),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'expected an address such as smtps://user:password@host:465' })
      .optional()
      .describe('Mail server for alerts: smtp://user:password@host:587 or smtps://…:465.'),
    ALERT_EMAIL_FROM: setting.text().optional().describe('Sender of alert mails; needed with SMTP_URL.'),
    ALERT_EMAIL_TO: setting
      .list()
      .optional()
      .describe('Recipients of alert mails, separated by commas; needed with SMTP_URL.'),
    ALERT_WEBHOOK_URL: setting
      .url()
      .optional()
      .describe('An address of your own: alerts are posted there as JSON, signed as Standard Webhooks.'),
    ALERT_WEBHOOK_SECRET: setting
      .text()
      .min(16, 'expected at least 16 characters')
      .optional()
      .describe('Signs what is posted to ALERT_WEBHOOK_URL; needed with it.'),
  })
  .superRefine((given, context) => {
    const needs = (name: keyof typeof given, other: keyof typeof given) => {
      if (given[name] !== undefined && given[other] === undefined)
        context.addIssue({ code: 'custom', path: [other], message: `${name} needs it` });
    };
    needs('SMTP_URL', 'ALERT_EMAIL_FROM');
    needs('SMTP_URL', 'ALERT_EMAIL_TO');
    needs('ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET');
  });
export type AlertSettings = z.output<typeof alertSettings>;
