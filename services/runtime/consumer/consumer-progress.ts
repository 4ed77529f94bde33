// What a consumer is doing, partition by partition: how far it is, whether it waits and why, how long its batch at hand has been taking.
// Liveness is progress: a batch that takes longer than the limit means the consumer hangs. Lag is asked of the log when measured.
import type { Clock } from '../clock.ts';
import type { LogBatch, MessageLog, TopicPartition } from '../log/message-log.ts';
import type { PartitionLag } from './consumer-metrics.ts';

const batchLimitMs = 5 * 60_000;

interface Progress extends TopicPartition {
  /** Next offset to handle; undefined before anything was handled. */
  position: number | undefined;
  /** When the oldest message that is not handled was appended, as far as known. */
  oldestWaitingMs: number | undefined;
  busySinceMs: number | undefined;
  waitsFor: string | undefined;
}

export interface ConsumerProgress {
  assigned(at: TopicPartition, position: number | undefined): void;
  revoked(partitions: readonly TopicPartition[]): void;
  begins(batch: LogBatch): void;
  reached(batch: LogBatch, position: number): void;
  waits(at: TopicPartition, why: string | undefined): void;
  problems(): { stuck: string[]; waiting: string[] };
  lag(): Promise<PartitionLag[]>;
}

export function createConsumerProgress({
  consumer,
  log,
  clock,
}: {
  consumer: string;
  log: MessageLog;
  clock: Clock;
}): ConsumerProgress {
  const partitions = new Map<string, Progress>();
  const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;
  const change = (at: TopicPartition, changes: Partial<Progress>) => {
    const known = partitions.get(keyOf(at));
    if (known) Object.assign(known, changes);
  };
  return {
    assigned: ({ topic, partition }, position) =>
      void partitions.set(`${topic}/${partition}`, {
        topic,
        partition,
        position,
        oldestWaitingMs: undefined,
        busySinceMs: undefined,
        waitsFor: undefined,
      }),
    revoked: (taken) => {
      for (const at of taken) partitions.delete(keyOf(at));
    },
    begins: (batch) => change(batch, { busySinceMs: clock.now(), oldestWaitingMs: batch.records[0]?.appendedAtMs }),
    reached: (batch, position) => {
      const first = batch.records.find(({ offset }) => offset >= position);
      // Past the batch but not at the end: what follows is no older than its last message.
      const rest = position < batch.next ? batch.records.at(-1) : undefined;
      change(batch, { position, busySinceMs: undefined, oldestWaitingMs: (first ?? rest)?.appendedAtMs });
    },
    waits: (at, why) => change(at, { waitsFor: why }),
    problems: () => {
      const nowMs = clock.now();
      const all = [...partitions.values()];
      const stuck = all.filter(({ busySinceMs }) => busySinceMs !== undefined && nowMs - busySinceMs > batchLimitMs);
      const reasons = new Set(all.flatMap(({ waitsFor }) => waitsFor ?? []));
      return {
        stuck: stuck.map(
          (at) => `The consumer ${consumer} has been at one batch of ${keyOf(at)} for over five minutes.`,
        ),
        waiting: [...reasons].map((why) => `The consumer ${consumer} waits and tries again: ${why}.`),
      };
    },
    async lag() {
      const topics = [...new Set([...partitions.values()].map(({ topic }) => topic))];
      const ranges = (await Promise.all(topics.map((topic) => log.ranges(topic)))).flat();
      return ranges.flatMap(({ topic, partition, earliest, next }): PartitionLag[] => {
        const at = partitions.get(keyOf({ topic, partition }));
        if (!at) return [];
        const messages = Math.max(0, next - (at.position ?? earliest));
        if (messages === 0) at.oldestWaitingMs = undefined;
        else at.oldestWaitingMs ??= clock.now();
        const seconds = at.oldestWaitingMs === undefined ? 0 : Math.max(0, clock.now() - at.oldestWaitingMs) / 1000;
        return [{ consumer, topic, partition, messages, seconds }];
      });
    },
  };
}
