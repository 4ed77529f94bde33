// oura.metrics.v1: everything one document version says, as metric points and regular series in UCUM units. A message replaces all that
// the earlier version of the same object said; a deletion is a message without points. `start` and `end` keep the wearer's offset; where
// Oura only tells the day they are dates, never UTC midnight. Gaps of a series are null, never zero.
import { z } from 'zod';
import { resourceName } from './oura/resources.ts';
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

export const metricsTopic = 'oura.metrics.v1';
export const metricsType = 'oura.metrics.v1';
export const metricsDataSchema = 'urn:oura-streaming:schema:metrics:1';

/** An instant with offset, or a civil date of the wearer where the zone is unknown. */
const start = z.union([instant, day]);

const identity = {
  metric: z.string().regex(/^[a-z][a-z0-9_]*$/),
  aggregation: z.string().regex(/^[a-z][a-z0-9_]*$/),
  /** A bounded dimension inside a metric (heart-rate source, tag type); absent for most. */
  context: z.string().min(1).optional(),
  /** UCUM. */
  unit: z.string().min(1),
};

export const metricPoint = z.looseObject({
  ...identity,
  start,
  end: start.optional(),
  value: z.number(),
  /** Oura's own word for a coded value (`solid`, `restored`); never free text of the wearer. */
  text: z.string().optional(),
});
export type MetricPoint = z.infer<typeof metricPoint>;

export const metricSeries = z.looseObject({
  ...identity,
  start: instant,
  interval_s: z.number().positive(),
  /** No item reaches beyond it: the last one may be shorter than the interval. */
  end: instant.optional(),
  /** Item i covers [start + i·interval, + interval). */
  values: z.array(z.number().nullable()),
});
export type MetricSeries = z.infer<typeof metricSeries>;

export const metricsMessage = z.looseObject({
  user_id: z.string().min(1),
  resource: resourceName,
  object_id: z.string().min(1),
  /** `ce_id` of the document version that says it. */
  document: z.string().min(1),
  /** The document's sequence. */
  version: z.number().int().positive(),
  /** `ce_time` of the document: when its request began. */
  known_at: instant,
  via: z.string().min(1),
  deleted: z.boolean(),
  /** Oura's day of the document, where it has one. */
  day: day.optional(),
  /** `sleep_algorithm_version` of the night, where given. */
  algorithm: z.string().optional(),
  /** A night whose bedtime_end is not set yet. */
  in_progress: z.boolean().optional(),
  points: z.array(metricPoint),
  series: z.array(metricSeries),
});
export type MetricsMessage = z.infer<typeof metricsMessage>;

export function encodeMetrics(message: MetricsMessage, id: string, traceparent?: string): WireRecord {
  return {
    topic: metricsTopic,
    partitionKey: message.user_id,
    key: `${message.user_id}/${message.resource}/${message.object_id}`,
    value: encodeJson(message),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: metricsType,
      ce_source: '/oura-streaming/normalize',
      ce_subject: `${message.resource}/${message.object_id}`,
      ce_time: message.known_at,
      ce_dataschema: metricsDataSchema,
      ce_partitionkey: message.user_id,
      ce_sequence: String(message.version),
      'content-type': 'application/json',
      ...(traceparent && { traceparent }),
    },
  };
}

/** @throws MalformedMessage */
export function decodeMetrics(record: ReadableRecord): MetricsMessage {
  parseOrMalformed(cloudEventHeaders, record.headers, `${record.topic} headers`);
  return parseOrMalformed(metricsMessage, decodeJson(record), `${record.topic} value`);
}
