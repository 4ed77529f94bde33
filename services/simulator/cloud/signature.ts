// How Oura signs a notification: HMAC-SHA256 with the OAuth client secret over the timestamp header followed, without a separator,
// by the exact bytes of the body; upper-case hexadecimal.

import { createHmac } from 'node:crypto';

export function signNotification(secret: string, timestamp: string, body: string, isUpperCase = true): string {
  const hex = createHmac('sha256', secret).update(timestamp).update(body, 'utf8').digest('hex');
  return isUpperCase ? hex.toUpperCase() : hex;
}
