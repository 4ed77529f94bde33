// Looks after dead letters: list, show, replay, discard. They live on `<topic>.dlq` alone; what was replayed or discarded is gone by a
// tombstone for its key. The same message refused by two consumers has one key and is one dead letter, its newest reason shown:
// replaying it once lets every consumer try again.
import { deadLetterHeaders, deadLetterTopic, originalHeaders } from '../../../schemas/dead-letter.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import type { LogRecord, MessageLog } from '../log/message-log.ts';

export interface DeadLetter {
  /** `<topic>/<partition>/<offset>` of where the dead letter stands. */
  id: string;
  /** The topic it came from, and where it stood there. */
  topic: string;
  partition: number;
  offset: number;
  key: string;
  consumer: string;
  reason: string;
  error: string;
  /** When it was given up, ISO 8601 UTC. */
  time: string;
  bytes: number;
}

export interface DeadLetterMessage extends DeadLetter {
  /** As the message first was. */
  headers: Readonly<Record<string, string>>;
  value: Uint8Array;
}

const recordsPerRead = 200;

/** All dead letters of these topics (the topics themselves, not their `.dlq`), the newest last. Payloads are left out. */
export async function listDeadLetters(log: MessageLog, topics: readonly string[]): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const topic of topics) letters.push(...(await openLetters(log, deadLetterTopic(topic))));
  return letters.sort((a, b) => a.time.localeCompare(b.time) || a.id.localeCompare(b.id, 'en', { numeric: true }));
}

/** Undefined when there is none with this id (any more). */
export async function findDeadLetter(log: MessageLog, id: string): Promise<DeadLetterMessage | undefined> {
  const place = parseId(id);
  if (!place) return undefined;
  const open = await openLetters(log, place.topic);
  if (!open.some((letter) => letter.id === id)) return undefined;
  const [record] = await log.read(place, 1);
  if (!record?.value) return undefined;
  return { ...summaryOf(record), headers: originalHeaders(record), value: record.value };
}

/** Appends the message to its topic as it first was, then removes the dead letter. False when there is none with this id. */
export async function replayDeadLetter(log: MessageLog, id: string): Promise<boolean> {
  const letter = await findDeadLetter(log, id);
  if (!letter) return false;
  const { topic, key, headers, value } = letter;
  // In this order: a crash in between leaves a message twice, which every consumer takes, and never none.
  await log.append([{ topic, partitionKey: partitionKeyOf(letter), key, headers, value }]);
  await log.append([tombstoneOf(letter)]);
  return true;
}

/** Removes the dead letter for good. False when there is none with this id. */
export async function discardDeadLetter(log: MessageLog, id: string): Promise<boolean> {
  const letter = await findDeadLetter(log, id);
  if (!letter) return false;
  await log.append([tombstoneOf(letter)]);
  return true;
}

/** The newest record of each key, unless it is a tombstone. */
async function openLetters(log: MessageLog, topic: string): Promise<DeadLetter[]> {
  const byKey = new Map<string, DeadLetter>();
  for (const { partition, earliest, next } of await log.ranges(topic)) {
    for (let offset = earliest; offset < next; ) {
      const records = await log.read({ topic, partition, offset }, recordsPerRead);
      for (const record of records) {
        if (record.value === null) byKey.delete(record.key);
        else byKey.set(record.key, summaryOf(record));
      }
      const last = records.at(-1);
      if (!last) break;
      offset = last.offset + 1;
    }
  }
  return [...byKey.values()];
}

function summaryOf(record: LogRecord): DeadLetter {
  const headers = deadLetterHeaders.parse(record.headers);
  return {
    id: `${record.topic}/${record.partition}/${record.offset}`,
    topic: headers.dlq_topic,
    partition: Number(headers.dlq_partition),
    offset: Number(headers.dlq_offset),
    key: record.key,
    consumer: headers.dlq_consumer,
    reason: headers.dlq_reason,
    error: headers.dlq_error,
    time: headers.dlq_time,
    bytes: record.value?.byteLength ?? 0,
  };
}

function parseId(id: string): { topic: string; partition: number; offset: number } | undefined {
  const [, topic, partition, offset] = /^(.+\.dlq)\/(\d+)\/(\d+)$/.exec(id) ?? [];
  if (topic === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

/** As `encodeDeadLetter` chooses it, so that the tombstone meets what it removes. */
const partitionKeyOf = ({ headers, key }: DeadLetterMessage): string => headers.ce_partitionkey ?? key;

const tombstoneOf = (letter: DeadLetterMessage): WireRecord => ({
  topic: deadLetterTopic(letter.topic),
  partitionKey: partitionKeyOf(letter),
  key: letter.key,
  value: null,
  headers: { ce_partitionkey: partitionKeyOf(letter) },
});
