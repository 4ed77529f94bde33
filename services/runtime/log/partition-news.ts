// Wakes those who wait for something new in a partition. Nothing is remembered: who waits looks first, in the same turn of the event loop.
import type { TopicPartition } from './message-log.ts';
import { partitionName } from './partition-source.ts';

export interface PartitionNews {
  /** Resolves at the next announcement for the partition, or when `signal` is aborted. */
  wait(at: TopicPartition, signal: AbortSignal): Promise<void>;
  /** Something was appended: to these partitions or, when left out, to any. */
  announce(partitions?: Iterable<TopicPartition>): void;
}

export function createPartitionNews(): PartitionNews {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (name: string) => {
    const resolvers = waiting.get(name);
    waiting.delete(name);
    for (const resolve of resolvers ?? []) resolve();
  };
  return {
    wait: (at, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const name = partitionName(at);
        const resolvers = waiting.get(name) ?? new Set();
        waiting.set(name, resolvers);
        const done = () => {
          resolvers.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        resolvers.add(done);
        signal.addEventListener('abort', done, { once: true });
      }),
    announce(partitions) {
      const names = partitions ? new Set([...partitions].map(partitionName)) : [...waiting.keys()];
      for (const name of names) wake(name);
    },
  };
}
