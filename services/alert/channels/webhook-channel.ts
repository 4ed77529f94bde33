// Any address of one's own that takes JSON; see messages/webhook-message.ts for what arrives there and how it is signed.
import { webhookMessage } from '../messages/webhook-message.ts';
import type { Channel } from './channel.ts';
import type { HttpAdvice } from './http-outcome.ts';
import { postJson } from './post-json.ts';

export const webhookAdvice: HttpAdvice = { title: 'The webhook', variable: 'ALERT_WEBHOOK_URL' };

export function createWebhookChannel(url: string, secret: string): Channel {
  return {
    name: 'webhook',
    send: (notice, { nowMs }) =>
      postJson({ url, ...webhookMessage(notice, { secret, nowMs }), nowMs, about: webhookAdvice }),
    close() {},
  };
}
