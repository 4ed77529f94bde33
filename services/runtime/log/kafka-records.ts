// Between our records and Kafka's messages. Pure. Headers are text on our side and bytes on Kafka's; the partition is chosen by our one
// partition function, never by the client.
import type { KafkaMessage, Message } from 'kafkajs';
import type { WireRecord } from '../../../schemas/wire.ts';
import type { LogRecord, TopicPartition } from './message-log.ts';
import type { ReadLimits } from './partition-source.ts';

export function toKafkaMessage({ key, value, headers }: WireRecord, partition: number): Message {
  return {
    partition,
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: { ...headers },
  };
}

export type FetchedMessage = Pick<KafkaMessage, 'offset' | 'timestamp' | 'key' | 'value' | 'headers'>;

export function fromKafkaMessage(message: FetchedMessage, { topic, partition }: TopicPartition): LogRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    // A header that stands twice keeps its last value, as in an object.
    const last = Array.isArray(value) ? value.at(-1) : value;
    headers[name] = last?.toString() ?? '';
  }
  return {
    topic,
    partition,
    offset: Number(message.offset),
    appendedAtMs: Number(message.timestamp),
    key: message.key?.toString() ?? '',
    value: message.value,
    headers,
  };
}

/** What one fetch says about a partition. */
export interface FetchedPartition {
  partition: number;
  /** The offset the next append will get. */
  highWatermark: string;
  messages: readonly (FetchedMessage & { isControlRecord?: boolean })[];
}

export interface Wanted {
  at: TopicPartition;
  from: number;
  limits: ReadLimits;
}

export interface UsableRecords {
  records: LogRecord[];
  /** Where to ask next: past the records, past control records and what compaction removed. */
  from: number;
  /** The offset the next append will get. */
  next: number;
  /** What was fetched beyond the records. */
  rest: FetchedPartition['messages'];
}

/**
 * The records from the wanted offset on. `isAlone`: nothing else was asked for, so an answer without messages means that compaction emptied the stretch,
 * and not that other partitions had filled the answer.
 */
export function usableRecords(
  { messages, highWatermark }: FetchedPartition,
  { at, from, limits }: Wanted,
  isAlone: boolean,
): UsableRecords {
  const records: LogRecord[] = [];
  let bytes = 0;
  let seen = 0;
  for (const message of messages) {
    seen += 1;
    // A batch of the broker may begin before the offset that was asked for.
    if (message.isControlRecord || Number(message.offset) < from) continue;
    const record = fromKafkaMessage(message, at);
    records.push(record);
    bytes += record.value?.byteLength ?? 0;
    if (records.length >= limits.maxRecords || bytes >= limits.maxBytes) break;
  }
  const rest = messages.slice(seen);
  const last = records.at(-1);
  if (last) return { records, from: last.offset + 1, next: Math.max(Number(highWatermark), last.offset + 1), rest };
  const next = Number(highWatermark);
  const isEmptied = next > from && (isAlone || messages.length > 0);
  const past = Number(messages.at(-1)?.offset ?? from) + 1;
  return { records, from: isEmptied ? Math.max(past, from + 1) : from, next, rest };
}
