// Appends to Kafka with one send in flight: what waits goes together into the next one, without a linger. Overlapping sends of an idempotent
// producer lose acknowledged messages in kafkajs when an answer is lost, so neither is used. After a request timeout the connection may
// still deliver the old request: that producer is dropped at once, because its own retries would go down the same silent connection, and another connects.
import { setTimeout as wait } from 'node:timers/promises';
import type { Kafka, Producer, RecordMetadata } from 'kafkajs';
import type { WireRecord } from '../../../schemas/wire.ts';
import { Failure } from '../failure.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import { toKafkaMessage } from './kafka-records.ts';
import { gatherMs, nextSendLength } from './kafka-send-queue.ts';
import type { RecordPosition, TopicPartition } from './message-log.ts';
import { partitionName } from './partition-source.ts';
import { checkRecordSize } from './record-limits.ts';

export interface KafkaAppends {
  /** @throws Failure `poison` (a record is too large), `dependency` */
  append(records: readonly WireRecord[], places: readonly TopicPartition[]): Promise<RecordPosition[]>;
  close(): Promise<void>;
}

interface Append {
  positions: RecordPosition[];
  left: number;
  failed: boolean;
  resolve(positions: RecordPosition[]): void;
  reject(error: Error): void;
}

interface WaitingRecord {
  append: Append;
  /** Its index in the append. */
  index: number;
  record: WireRecord;
  at: TopicPartition;
  place: string;
  bytes: number;
}

const maxWaitingRecords = 50_000;
const maxWaitingBytes = 64 * 1024 * 1024;
const allReplicas = -1;
/** Lengths, offsets and times that Kafka puts around a record and its headers, rounded up. */
const frameBytes = 200;

export function createKafkaAppends(kafka: Kafka): KafkaAppends {
  let waiting: WaitingRecord[] = [];
  let waitingBytes = 0;
  let producer: Producer | undefined;
  /** Ends the send at hand, which is the producer's. */
  let giveUp: (failure: Failure) => void = () => {};
  let isSending = false;
  let closed = false;

  const connect = async (): Promise<Producer> => {
    if (producer) return producer;
    const connecting = kafka.producer({ allowAutoTopicCreation: false, idempotent: false, maxInFlightRequests: 1 });
    connecting.on('producer.network.request_timeout', () => {
      if (producer !== connecting) return;
      producer = undefined;
      giveUp(new Failure('dependency', 'Kafka: append: the broker did not answer in time'));
    });
    await connecting.connect();
    producer = connecting;
    return connecting;
  };
  const send = async (group: readonly WaitingRecord[]): Promise<void> => {
    let sender: Producer | undefined;
    try {
      sender = await connect();
      const sent = Promise.withResolvers<RecordMetadata[]>();
      giveUp = sent.reject;
      sender.sendBatch({ acks: allReplicas, topicMessages: byTopic(group) }).then(sent.resolve, sent.reject);
      settle(group, await sent.promise);
    } catch (error) {
      const failure = asKafkaFailure(error, 'append');
      for (const { append } of group) fail(append, failure);
      if (failure.kind === 'dependency' && producer === sender) producer = undefined;
    } finally {
      // Dropped: by a timeout or a failure. Its end must not hold up the next send.
      if (sender && producer !== sender) void sender.disconnect().catch(() => {});
    }
  };
  const fail = (append: Append, failure: Failure) => {
    if (append.failed) return;
    append.failed = true;
    append.reject(failure);
  };
  const run = async () => {
    isSending = true;
    while (waiting.length > 0) {
      // What is left of an append that failed does not go out after all: the caller appends it again as a whole.
      waiting = waiting.filter(({ append }) => !append.failed);
      const group = waiting.slice(0, nextSendLength(waiting));
      waiting = waiting.slice(group.length);
      waitingBytes = waiting.length === 0 ? 0 : waitingBytes - group.reduce((sum, { bytes }) => sum + bytes, 0);
      if (group.length === 0) continue;
      const startMs = performance.now();
      await send(group);
      // In the next turn, when those who were answered have had theirs.
      await new Promise(setImmediate);
      const sent = group.length;
      const mostMs = gatherMs({ tookMs: performance.now() - startMs, sent, waiting: waiting.length });
      for (let waitedMs = 0; waitedMs < mostMs && waiting.length < sent; waitedMs += 1) await wait(1);
    }
    isSending = false;
  };

  return {
    append: (records, places) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Failure('dependency', 'the log is closed'));
        if (
          waiting.length > 0 &&
          (waiting.length + records.length > maxWaitingRecords || waitingBytes > maxWaitingBytes)
        ) {
          return reject(new Failure('dependency', 'the log takes no more for now: too many appends wait for Kafka'));
        }
        const sizes = records.map((record) => {
          const { payloadBytes, headerBytes } = checkRecordSize(record);
          return payloadBytes + headerBytes + frameBytes;
        });
        const append: Append = { positions: [], left: records.length, failed: false, resolve, reject };
        for (const [index, record] of records.entries()) {
          const at = places[index] ?? { topic: record.topic, partition: 0 };
          const bytes = sizes[index] ?? 0;
          waiting.push({ append, index, record, at, place: partitionName(at), bytes });
          waitingBytes += bytes;
        }
        if (!isSending) setImmediate(() => void (isSending || run()));
      }),
    close: async () => {
      closed = true;
      const failure = new Failure('dependency', 'the log is closed');
      for (const { append } of waiting) fail(append, failure);
      await producer?.disconnect();
    },
  };
}

function byTopic(group: readonly WaitingRecord[]) {
  const topics = new Map<string, ReturnType<typeof toKafkaMessage>[]>();
  for (const { record, at } of group) {
    const messages = topics.get(record.topic) ?? [];
    messages.push(toKafkaMessage(record, at.partition));
    topics.set(record.topic, messages);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/** A partition's records get consecutive offsets from the one the broker names. */
function settle(group: readonly WaitingRecord[], metadata: readonly RecordMetadata[]): void {
  const next = new Map(
    metadata.map(({ topicName, partition, baseOffset }) => [
      partitionName({ topic: topicName, partition }),
      Number(baseOffset),
    ]),
  );
  for (const { append, index, at, place } of group) {
    const offset = next.get(place) ?? Number.NaN;
    next.set(place, offset + 1);
    append.positions[index] = { ...at, offset };
    append.left -= 1;
    if (append.left === 0 && !append.failed) append.resolve(append.positions);
  }
}
