// The partitions one member of a group has at the moment. A change of assignment ends what was taken away before anything new begins;
// what stays goes on undisturbed. A failure of one partition is a failure of the member.
import type { Clock } from '../clock.ts';
import type { PartitionRange, Subscription, TopicPartition } from './message-log.ts';
import { deliverPartition, type PartitionDelivery } from './partition-delivery.ts';
import { type PartitionSource, partitionName } from './partition-source.ts';

export interface MemberParts {
  subscription: Subscription;
  source: PartitionSource;
  range(at: TopicPartition): Promise<PartitionRange>;
  clock: Clock;
  /** Everything before `next` is handled. */
  onPosition(at: TopicPartition, next: number): void;
  onFailure(error: Error): void;
}

export interface MemberDeliveries {
  assigned(): TopicPartition[];
  /** Ends the partitions that are not among these; their batches at hand are stale from now on. */
  revokeAllBut(kept: readonly TopicPartition[]): Promise<void>;
  /** Begins those of these partitions that are not delivered yet. */
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

  const beginOne = async (at: TopicPartition) => {
    await ending.get(partitionName(at));
    const start = await subscription.startOffset(at);
    const range = typeof start === 'number' ? undefined : await parts.range(at);
    if (stopped || deliveries.has(partitionName(at))) return;
    const position = typeof start === 'number' ? start : start === 'earliest' ? range?.earliest : range?.next;
    deliveries.set(
      partitionName(at),
      deliverPartition({
        at,
        position: position ?? 0,
        source,
        subscription,
        clock,
        onPosition: (next) => parts.onPosition(at, next),
        onFailure: parts.onFailure,
      }),
    );
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
    assigned: () => [...deliveries.values()].map(({ at }) => at),
    revokeAllBut: (kept) => {
      const names = new Set(kept.map(partitionName));
      return end(
        [...deliveries.values()].filter(({ at }) => !names.has(partitionName(at))),
        true,
      );
    },
    begin: async (partitions) => {
      await Promise.all(partitions.filter((at) => !deliveries.has(partitionName(at))).map(beginOne));
    },
    stop: () => {
      stopped = true;
      return end([...deliveries.values()], false);
    },
  };
}
