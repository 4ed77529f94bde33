// Webhooks as Oura sends them, signed beforehand as bytes of HTTP, so that making them costs the measured machine nothing while it is measured.
import { createHmac, randomUUID } from 'node:crypto';

export interface RequestPlan {
  port: number;
  count: number;
  secret: string;
  /** Ids of Oura; the requests go round among them. */
  ouraUserIds: readonly string[];
  bodyBytes: number;
}

export function signedRequests({ port, count, secret, ouraUserIds, bodyBytes }: RequestPlan): Buffer[] {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return Array.from({ length: count }, (_, position) => {
    const notification = {
      event_type: 'update',
      data_type: 'daily_activity',
      object_id: randomUUID(),
      event_time: new Date().toISOString(),
      user_id: ouraUserIds[position % ouraUserIds.length],
      padding: '',
    };
    notification.padding = 'x'.repeat(Math.max(0, bodyBytes - JSON.stringify(notification).length));
    const body = JSON.stringify(notification);
    const signature = createHmac('sha256', secret).update(timestamp).update(body).digest('hex').toUpperCase();
    return Buffer.from(
      `POST /webhooks/oura HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
        `x-oura-timestamp: ${timestamp}\r\nx-oura-signature: ${signature}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
}
