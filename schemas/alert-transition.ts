// oura.alerts.v1: one transition of an alert, from or to firing. Its id is made of person, rule, subject and transition number, so a
// redelivery or replay is the same transition and channels can de-duplicate on it.
import { z } from 'zod';
import {
  cloudEventHeaders,
  day,
  decodeJson,
  encodeJson,
  instant,
  parseOrMalformed,
  type ReadableRecord,
  type WireRecord,
} from './wire.ts';

export const alertsTopic = 'oura.alerts.v1';
export const alertType = 'oura.alert.v1';
export const alertDataSchema = 'urn:oura-streaming:schema:alert:1';

export const alertTransition = z.looseObject({
  id: z.string().min(1),
  user_id: z.string().min(1),
  rule: z.string().min(1),
  title: z.string().min(1),
  level: z.enum(['info', 'warning', 'urgent']),
  state: z.enum(['firing', 'resolved']),
  /** When it was decided. */
  at: instant,
  metric: z.string().optional(),
  value: z.number().optional(),
  unit: z.string().optional(),
  comparison: z.enum(['<', '<=', '>', '>=']).optional(),
  threshold: z.number().optional(),
  /** Oura's day the value belongs to. */
  day: day.optional(),
  /** The alert this belongs to: person, rule and subject; the same from firing to resolved. */
  alert: z.string().min(1).optional(),
  /** What the alert is about inside its rule: a day, a session, an instant. */
  subject: z.string().min(1).optional(),
  /** 1 when it first fires, then one more for each change. */
  number: z.number().int().positive().optional(),
  /** When the period of the value ended; its age counts from here. */
  ended_at: instant.optional(),
  /** What the person may do, in one sentence. */
  action: z.string().min(1).optional(),
  /** One plain sentence for a person. */
  summary: z.string().min(1),
});
export type AlertTransition = z.infer<typeof alertTransition>;

export function encodeAlert(transition: AlertTransition, traceparent?: string): WireRecord {
  return {
    topic: alertsTopic,
    partitionKey: transition.user_id,
    key: `${transition.user_id}/${transition.id}`,
    value: encodeJson(transition),
    headers: {
      ce_specversion: '1.0',
      ce_id: transition.id,
      ce_type: alertType,
      ce_source: '/oura-streaming/alert',
      ce_subject: transition.rule,
      ce_time: transition.at,
      ce_dataschema: alertDataSchema,
      ce_partitionkey: transition.user_id,
      'content-type': 'application/json',
      ...(traceparent && { traceparent }),
    },
  };
}

/** @throws MalformedMessage */
export function decodeAlert(record: ReadableRecord): AlertTransition {
  parseOrMalformed(cloudEventHeaders, record.headers, `${record.topic} headers`);
  return parseOrMalformed(alertTransition, decodeJson(record), `${record.topic} value`);
}
