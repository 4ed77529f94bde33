// oura.notifications.v1: a webhook of Oura, kept as the exact bytes it came in, with the two signature headers. The fields of the
// body are read only as far as we use them, and unknown ones stay. Its id is the hash of the body: Oura's retry is the same event.
import { z } from 'zod';
import { cloudEventHeaders, decodeJson, parseOrMalformed, type ReadableRecord, type WireRecord } from './wire.ts';

export const notificationsTopic = 'oura.notifications.v1';
export const notificationType = 'oura.notification.v1';
export const notificationDataSchema = 'urn:oura-streaming:schema:notification:1';

export const notificationBody = z.looseObject({
  event_type: z.string().min(1),
  data_type: z.string().min(1),
  object_id: z.string().min(1).optional(),
  event_time: z.string().optional(),
  user_id: z.string().min(1),
});
export type NotificationBody = z.infer<typeof notificationBody>;

const notificationHeaders = cloudEventHeaders.extend({
  ce_type: z.literal(notificationType),
  'x-oura-signature': z.string(),
  'x-oura-timestamp': z.string(),
});

export interface NotificationMessage {
  /** SHA-256 of the body, hex. */
  id: string;
  /** Our id of the person, or `unknown-…` when nobody here has connected that Oura id. */
  userId: string;
  /** When the request arrived, ISO 8601 UTC. */
  receivedAt: string;
  signature: string;
  timestamp: string;
  body: NotificationBody;
  /** The exact bytes of the request. */
  bytes: Uint8Array;
  traceparent?: string;
}

export function encodeNotification(message: NotificationMessage): WireRecord {
  const { body } = message;
  return {
    topic: notificationsTopic,
    partitionKey: message.userId,
    key: `${message.userId}/${message.id}`,
    value: message.bytes,
    headers: {
      ce_specversion: '1.0',
      ce_id: message.id,
      ce_type: notificationType,
      ce_source: '/oura-streaming/ingest',
      ce_subject: body.object_id ? `${body.data_type}/${body.object_id}` : body.data_type,
      ce_time: message.receivedAt,
      ce_dataschema: notificationDataSchema,
      ce_partitionkey: message.userId,
      'content-type': 'application/json',
      'x-oura-signature': message.signature,
      'x-oura-timestamp': message.timestamp,
      ...(message.traceparent && { traceparent: message.traceparent }),
    },
  };
}

/** @throws MalformedMessage */
export function decodeNotification(record: ReadableRecord): NotificationMessage {
  const headers = parseOrMalformed(notificationHeaders, record.headers, `${record.topic} headers`);
  const body = parseOrMalformed(notificationBody, decodeJson(record), `${record.topic} value`);
  return {
    id: headers.ce_id,
    userId: headers.ce_partitionkey,
    receivedAt: headers.ce_time,
    signature: headers['x-oura-signature'],
    timestamp: headers['x-oura-timestamp'],
    body,
    bytes: record.value ?? new Uint8Array(),
    ...(headers.traceparent && { traceparent: headers.traceparent }),
  };
}
