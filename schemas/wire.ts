// The shape in which every message crosses a topic: CloudEvents 1.0 in Kafka's binary mode, where the value is the payload
// itself and the attributes travel as `ce_` headers. Encoders of the single messages build a WireRecord, decoders read one.
// Leaves out partitions and offsets, which belong to the log. Header values are always text.
import { z } from 'zod';

/** One record on its way to a topic. `partitionKey` is the person's id: it alone decides the partition, so a person's order holds. */
export interface WireRecord {
  topic: string;
  partitionKey: string;
  /** What a later record with the same key replaces (compaction). */
  key: string;
  /** The payload; `null` is a tombstone. */
  value: Uint8Array | null;
  headers: Readonly<Record<string, string>>;
}

/** The part of a record that a decoder needs; a record read from any log has it. */
export type ReadableRecord = Pick<WireRecord, 'topic' | 'key' | 'value' | 'headers'>;

/** The message on a topic is not what the catalogue says it is. It can never be handled: a dead letter. */
export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
}

export const instant = z.iso.datetime({ offset: true });
export const day = z.iso.date();

/** The CloudEvents attributes that all our topics share. `partitionkey` and `sequence` are documented CloudEvents extensions. */
export const cloudEventHeaders = z.looseObject({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().min(1),
  ce_type: z.string().min(1),
  ce_source: z.string().min(1),
  ce_subject: z.string().min(1),
  ce_time: instant,
  ce_dataschema: z.string().min(1),
  ce_partitionkey: z.string().min(1),
  'content-type': z.string().min(1),
  traceparent: z.string().optional(),
});

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export const encodeJson = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** The JSON of a record's value. @throws MalformedMessage when there is none, or it is not UTF-8 JSON. */
export function decodeJson(record: ReadableRecord): unknown {
  if (record.value === null) throw new MalformedMessage(`${record.topic}: the message has no value (a tombstone)`);
  try {
    return JSON.parse(decoder.decode(record.value));
  } catch (error) {
    throw new MalformedMessage(`${record.topic}: the value is not JSON: ${(error as Error).message}`);
  }
}

/** Checks `value` against `schema`. @throws MalformedMessage that names each field that is wrong. */
export function parseOrMalformed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`);
  throw new MalformedMessage(`${what}: ${problems.join('; ')}`);
}
