// The partitions one member of a group has at the moment. A change of assignment ends what was taken away before anything new begins;
// what stays goes on undisturbed. A failure of one partition is a failure of the member.
import type { Clock } from '../clock.ts';
import type { PartitionRange, Subscription, TopicPartition } from './message-log.ts';
import { deliverPartition, type Pacing, type PartitionDelivery } from './partition-delivery.ts';
import { type PartitionSource, partitionName } from './partition-source.ts';

export interface MemberParts {
  subscription: Subscription;
  source: PartitionSource;
  range(at: TopicPartition): Promise<PartitionRange>;
  clock: Clock;
  pacing?: Pacing;
  /** Everything before `next` is handled. */
  onPosition(at: TopicPartition, next: number): void;
  onFailure(error: Error): void;
}

export interface MemberDeliveries {
  /** Those whose delivery has begun. */
  assigned(): TopicPartition[];
  /** Ends the partitions that are not among these; their batches at hand are stale from now on. */
  revokeAllBut(kept: readonly TopicPartition[]): Promise<void>;
  /** Begins those of these partitions that are not delivered yet; resolves when it knows where, or could not learn it at the first try. */
  begin(partitions: readonly TopicPartition[]): Promise<void>;
  /** Ends all after their batches at hand, which stay valid. Nothing can begin any more. */
  stop(): Promise<void>;
}

export function createMemberDeliveries(parts: MemberParts): MemberDeliveries {
  const { subscription, clock, source } = parts;
  const deliveries = new Map<string, PartitionDelivery>();
  /** Taken away, but their batches at hand are not finished yet. */
  const ending = new Map<string, Promise<void>>();
  let stopped = false;

  const startOf = async (at: TopicPartition): Promise<number> => {
    const start = await subscription.startOffset(at);
    if (typeof start === 'number') return start;
    const range = await parts.range(at);
    return start === 'earliest' ? range.earliest : range.next;
  };
  const beginOne = async (at: TopicPartition) => {
    const name = partitionName(at);
    const previous = ending.get(name);
    const delivery = deliverPartition({
      at,
      start: async () => {
        await previous;
        return startOf(at);
      },
      source,
      subscription,
      clock,
      ...(parts.pacing && { pacing: parts.pacing }),
      onPosition: (next) => parts.onPosition(at, next),
      onFailure: parts.onFailure,
    });
    deliveries.set(name, delivery);
    await delivery.begun;
  };
  const end = async (ended: readonly PartitionDelivery[], revoked: boolean) => {
    for (const delivery of ended) {
      const name = partitionName(delivery.at);
      deliveries.delete(name);
      const finished = delivery.end({ revoked }).finally(() => {
        if (ending.get(name) === finished) ending.delete(name);
      });
      ending.set(name, finished);
    }
    if (revoked && ended.length > 0) subscription.onRevoked?.(ended.map(({ at }) => at));
    await Promise.all(ending.values());
  };
  return {
    assigned: () => [...deliveries.values()].filter((delivery) => delivery.hasBegun()).map(({ at }) => at),
    revokeAllBut: (kept) => {
      const names = new Set(kept.map(partitionName));
      return end(
        [...deliveries.values()].filter(({ at }) => !names.has(partitionName(at))),
        true,
      );
    },
    begin: async (partitions) => {
      if (stopped) return;
      await Promise.all(partitions.filter((at) => !deliveries.has(partitionName(at))).map(beginOne));
    },
    stop: () => {
      stopped = true;
      return end([...deliveries.values()], false);
    },
  };
}
