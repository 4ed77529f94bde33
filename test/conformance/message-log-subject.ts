// What the conformance suite of the message log is handed, and the few things its checks share: records, a subscriber that collects
// what it is given, and waiting for a condition. Nothing here knows which log it is.
import type { WireRecord } from '../../schemas/wire.ts';
import type {
  BatchVerdict,
  LogBatch,
  LogRecord,
  MessageLog,
  RecordPosition,
  RunningSubscription,
  Subscription,
  TopicPartition,
} from '../../services/runtime/log/message-log.ts';
import { partitionOf } from '../../services/runtime/log/partition.ts';

export interface LogSubject {
  log: MessageLog;
  /** Two topics nobody else uses, with the same number of partitions. */
  topics: readonly [string, string];
  partitions: number;
  /** How long a condition may take. */
  patienceMs: number;
  /** Closes the log and opens it again on the same data. */
  reopen(): Promise<MessageLog>;
  close(): Promise<void>;
}

export type OpenLogSubject = () => Promise<LogSubject>;

export interface LogCheck {
  name: string;
  /** It closes and opens the log, which one in memory does not outlive. */
  reopens?: true;
  run(subject: LogSubject): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const textOf = (record: Pick<LogRecord, 'value'>): string | null =>
  record.value === null ? null : decoder.decode(record.value);

export function record(topic: string, person: string, text: string | null, key = `${person}/${text}`): WireRecord {
  return {
    topic,
    partitionKey: person,
    key,
    value: text === null ? null : encoder.encode(text),
    headers: { ce_id: `${person}-${text}`, ce_partitionkey: person },
  };
}

/** One person for each partition, so a test can aim at every partition. */
export function personsByPartition(partitions: number): string[] {
  const persons = new Map<number, string>();
  for (let index = 0; persons.size < partitions; index += 1) {
    const partition = partitionOf(`person-${index}`, partitions);
    if (!persons.has(partition)) persons.set(partition, `person-${index}`);
  }
  return [...persons].sort(([a], [b]) => a - b).map(([, person]) => person);
}

/** Resolves when `condition` holds; rejects, saying what was awaited, when it does not within the subject's patience. */
export async function eventually(what: string, patienceMs: number, condition: () => boolean): Promise<void> {
  const untilMs = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > untilMs) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export interface Collector {
  records: LogRecord[];
  batches: LogBatch[];
  failures: Error[];
  revoked: TopicPartition[];
  running: RunningSubscription;
  texts(): (string | null)[];
  stop(): Promise<void>;
}

let lastGroup = 0;
/** A consumer group nobody else uses. */
export const newGroup = (): string => `conformance-${process.pid}-${Date.now()}-${++lastGroup}`;

/** Subscribes from the beginning and keeps everything it is given; `verdict` may say something else than "all of it is handled". */
export async function collect(
  log: MessageLog,
  subscription: Partial<Subscription> & { topics: readonly string[] },
  verdict: (batch: LogBatch) => BatchVerdict | undefined | Promise<BatchVerdict | undefined> = () => undefined,
): Promise<Collector> {
  const records: LogRecord[] = [];
  const batches: LogBatch[] = [];
  const failures: Error[] = [];
  const revoked: TopicPartition[] = [];
  const running = await log.subscribe({
    group: newGroup(),
    startOffset: async () => 'earliest',
    onBatch: async (batch) => {
      batches.push(batch);
      records.push(...batch.records);
      return (await verdict(batch)) ?? { nextOffset: (batch.records.at(-1)?.offset ?? -1) + 1 };
    },
    onRevoked: (partitions) => revoked.push(...partitions),
    onFailure: (error) => failures.push(error),
    ...subscription,
  });
  return {
    records,
    batches,
    failures,
    revoked,
    running,
    texts: () => records.map(textOf),
    stop: () => running.stop(),
  };
}

/** All records of a topic, read partition by partition. */
export async function readAll(log: MessageLog, topic: string): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for (const range of await log.ranges(topic)) {
    let offset = range.earliest;
    while (offset < range.next) {
      const records = await log.read({ topic, partition: range.partition, offset }, 100);
      const last = records.at(-1);
      if (!last) break;
      all.push(...records);
      offset = last.offset + 1;
    }
  }
  return all;
}

export const placeOf = ({ topic, partition, offset }: RecordPosition): string => `${topic}/${partition}/${offset}`;
