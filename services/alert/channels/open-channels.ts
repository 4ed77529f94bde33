// The channels that the settings name, ready to send.
import type { AlertSettings } from '../settings.ts';
import type { Channel } from './channel.ts';
import { createDiscordChannel } from './discord-channel.ts';
import { createEmailChannel } from './email-channel.ts';
import { createSlackChannel } from './slack-channel.ts';
import { createWebhookChannel } from './webhook-channel.ts';

/** Which variable makes a channel. */
export const variableOf = {
  slack: 'SLACK_WEBHOOK_URL',
  discord: 'DISCORD_WEBHOOK_URL',
  email: 'SMTP_URL',
  webhook: 'ALERT_WEBHOOK_URL',
} as const;

export function openChannels(settings: AlertSettings): Channel[] {
  const { SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, SMTP_URL, ALERT_EMAIL_FROM, ALERT_EMAIL_TO } = settings;
  const channels: Channel[] = [];
  if (SLACK_WEBHOOK_URL) channels.push(createSlackChannel(SLACK_WEBHOOK_URL));
  if (DISCORD_WEBHOOK_URL) channels.push(createDiscordChannel(DISCORD_WEBHOOK_URL));
  if (SMTP_URL && ALERT_EMAIL_FROM && ALERT_EMAIL_TO)
    channels.push(createEmailChannel({ url: SMTP_URL, from: ALERT_EMAIL_FROM, to: ALERT_EMAIL_TO }));
  if (settings.ALERT_WEBHOOK_URL && settings.ALERT_WEBHOOK_SECRET)
    channels.push(createWebhookChannel(settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET));
  return channels;
}
