// Copies a log into another one, as when an embedded log has become too small and moves to Kafka: every record with its key, headers, id and
// bytes, each person's in order. May be broken off and run again: a record that is there already is not copied twice. Run it while nothing
// else writes to either log.
import type { WireRecord } from '../../../schemas/wire.ts';
import type { LogRecord, MessageLog } from './message-log.ts';

export interface CopyLogParts {
  from: MessageLog;
  to: MessageLog;
  topics: readonly string[];
  /** Called after each part that is durable. */
  onProgress?(copied: { topic: string; records: number }): void;
}

const recordsPerRead = 500;

/** How many records were copied, by topic; those that stood there already are not counted. @throws Failure */
export async function copyLog({ from, to, topics, onProgress }: CopyLogParts): Promise<Map<string, number>> {
  const copied = new Map<string, number>();
  for (const topic of topics) {
    const known = await knownRecords(to, topic);
    for await (const records of readTopic(from, topic)) {
      const missing = records.filter((record) => !known.has(identityOf(record)));
      if (missing.length > 0) await to.append(missing.map(asWireRecord));
      copied.set(topic, (copied.get(topic) ?? 0) + missing.length);
      onProgress?.({ topic, records: missing.length });
    }
  }
  return copied;
}

async function* readTopic(log: MessageLog, topic: string): AsyncGenerator<LogRecord[]> {
  for (const { partition, earliest, next } of await log.ranges(topic)) {
    for (let offset = earliest; offset < next; ) {
      const records = await log.read({ topic, partition, offset }, recordsPerRead);
      const last = records.at(-1);
      if (!last) break;
      yield records;
      offset = last.offset + 1;
    }
  }
}

async function knownRecords(log: MessageLog, topic: string): Promise<Set<string>> {
  const known = new Set<string>();
  for await (const records of readTopic(log, topic)) for (const record of records) known.add(identityOf(record));
  return known;
}

/** A message is itself by its key and its `ce_id`; a tombstone has no id and is one for all records before it. */
const identityOf = ({ key, headers, value }: LogRecord): string =>
  `${key}\n${value === null ? 'tombstone' : (headers.ce_id ?? '')}`;

/** All records of a person go through one partition key, so they meet in one partition of the other log too. */
const asWireRecord = ({ topic, key, value, headers }: LogRecord): WireRecord => ({
  topic,
  partitionKey: headers.ce_partitionkey ?? key,
  key,
  value,
  headers,
});
