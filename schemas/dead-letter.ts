// <topic>.dlq: a message that can never be handled. Key, value and headers are untouched; why, by whom and from where is added as
// headers of our own, so the bytes can be replayed as they were.
import { z } from 'zod';
import type { ReadableRecord, WireRecord } from './wire.ts';

export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

export const deadLetterHeaders = z.looseObject({
  dlq_reason: z.string().min(1),
  dlq_error: z.string(),
  dlq_consumer: z.string().min(1),
  dlq_topic: z.string().min(1),
  dlq_partition: z.string().regex(/^\d+$/),
  dlq_offset: z.string().regex(/^\d+$/),
  dlq_time: z.iso.datetime(),
});
export type DeadLetterHeaders = z.infer<typeof deadLetterHeaders>;

/** The headers of the message as it first was. */
export function originalHeaders(record: ReadableRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(record.headers).filter(([name]) => !name.startsWith('dlq_')));
}

export interface DeadLetterCause {
  reason: string;
  error: string;
  consumer: string;
  partition: number;
  offset: number;
  time: string;
}

export function encodeDeadLetter(record: ReadableRecord, cause: DeadLetterCause): WireRecord {
  return {
    topic: deadLetterTopic(record.topic),
    partitionKey: record.headers.ce_partitionkey ?? record.key,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      dlq_reason: cause.reason,
      dlq_error: cause.error.slice(0, 2000),
      dlq_consumer: cause.consumer,
      dlq_topic: record.topic,
      dlq_partition: String(cause.partition),
      dlq_offset: String(cause.offset),
      dlq_time: cause.time,
    },
  };
}
