// A notice for an address of one's own: JSON, signed as Standard Webhooks (https://www.standardwebhooks.com) so that ready-made libraries verify it:
// `webhook-id` is the de-duplication id, `webhook-signature` is HMAC-SHA256 over id, timestamp and body. Pure.
import { createHmac } from 'node:crypto';
import type { Notice } from './notice.ts';

export interface SignedRequest {
  body: string;
  headers: Record<string, string>;
}

export function webhookMessage(notice: Notice, { secret, nowMs }: { secret: string; nowMs: number }): SignedRequest {
  const body = JSON.stringify({
    type: 'oura.alert.v1',
    id: notice.id,
    headline: notice.headline,
    transition: notice.transition,
  });
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': notice.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature(secret, `${notice.id}.${timestamp}.${body}`)}`,
    },
  };
}

/** A secret that begins with `whsec_` is base64, as the standard writes it; any other counts as it stands. */
function signature(secret: string, text: string): string {
  const prefix = 'whsec_';
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(text).digest('base64');
}
