// Consumer groups inside one process: who reads which partition, and how a partition changes hands. One change of a group at a time:
// first what is taken away ends (its batch at hand is stale from that moment), then the new readers begin, so no two members ever
// handle one partition at once. Subscriptions with `everyPartition` stand outside of the groups.
import type { Clock } from '../clock.ts';
import { assignPartitions } from './group-assignment.ts';
import type { PartitionRange, RunningSubscription, Subscription, TopicPartition } from './message-log.ts';
import { deliverPartition, type PartitionDelivery, type PartitionSource } from './partition-delivery.ts';

export interface GroupsParts {
  source: PartitionSource;
  /** All partitions of a topic, in order. @throws Failure `configuration` for an unknown topic */
  partitionsOf(topic: string): TopicPartition[];
  range(at: TopicPartition): PartitionRange;
  clock: Clock;
  /** A group has handled everything before `next`. */
  onPosition(group: string, at: TopicPartition, next: number): void;
}

export interface SubscriptionGroups {
  subscribe(subscription: Subscription): Promise<RunningSubscription>;
  /** Something was appended, to these partitions or (by another process) to any. */
  wake(partitions?: ReadonlySet<string>): void;
  stopAll(): Promise<void>;
}

export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

interface Member {
  id: string;
  topics: readonly string[];
  subscription: Subscription;
  deliveries: Map<string, PartitionDelivery>;
  failed: boolean;
}

export function createSubscriptionGroups(parts: GroupsParts): SubscriptionGroups {
  const members = new Set<Member>();
  const changes = new Map<string, Promise<void>>();
  let lastId = 0;

  const fail = (member: Member, error: Error) => {
    if (member.failed) return;
    member.failed = true;
    void leave(member, { revoked: true });
    member.subscription.onFailure(error);
  };
  const begin = async (member: Member, at: TopicPartition) => {
    const { subscription } = member;
    const start = await subscription.startOffset(at);
    const range = parts.range(at);
    const position = start === 'earliest' ? range.earliest : start === 'latest' ? range.next : start;
    if (member.failed) return;
    const delivery = deliverPartition({
      at,
      position,
      source: parts.source,
      subscription,
      clock: parts.clock,
      onPosition: (next) => {
        if (!subscription.everyPartition) parts.onPosition(subscription.group, at, next);
      },
      onFailure: (error) => fail(member, error),
    });
    member.deliveries.set(partitionName(at), delivery);
  };
  const revoke = async (member: Member, kept: ReadonlySet<string>, revoked: boolean) => {
    const taken = [...member.deliveries].filter(([name]) => !kept.has(name));
    const ended = taken.map(([, delivery]) => delivery.end({ revoked }));
    if (taken.length > 0 && revoked) member.subscription.onRevoked?.(taken.map(([, delivery]) => delivery.at));
    await Promise.all(ended);
    for (const [name] of taken) member.deliveries.delete(name);
  };
  const rebalance = async (group: readonly Member[]) => {
    const topics = [...new Set(group.flatMap((member) => member.topics))].sort();
    const assignment = assignPartitions(topics.flatMap(parts.partitionsOf), group);
    const own = (member: Member) => assignment.get(member.id) ?? [];
    await Promise.all(group.map((member) => revoke(member, new Set(own(member).map(partitionName)), true)));
    for (const member of group) {
      const added = own(member).filter((at) => !member.deliveries.has(partitionName(at)));
      try {
        await Promise.all(added.map((at) => begin(member, at)));
      } catch (error) {
        fail(member, error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  /** Runs one change of the group after the other. */
  const change = (member: Member, work: () => Promise<void>): Promise<void> => {
    const name = member.subscription.everyPartition ? `every ${member.id}` : `group ${member.subscription.group}`;
    const next = (changes.get(name) ?? Promise.resolve()).then(work);
    const settled = next.catch(() => {});
    changes.set(name, settled);
    void settled.then(() => {
      if (changes.get(name) === settled) changes.delete(name);
    });
    return next;
  };
  const groupOf = (member: Member): Member[] =>
    member.subscription.everyPartition
      ? [...members].filter((other) => other === member)
      : [...members].filter(
          ({ subscription }) => !subscription.everyPartition && subscription.group === member.subscription.group,
        );
  const leave = (member: Member, { revoked }: { revoked: boolean }): Promise<void> => {
    const ended = change(member, async () => {
      if (!members.delete(member)) return;
      await revoke(member, new Set(), revoked);
      await rebalance(groupOf(member));
    });
    return ended;
  };

  return {
    async subscribe(subscription) {
      for (const topic of subscription.topics) parts.partitionsOf(topic);
      lastId += 1;
      const member: Member = {
        id: String(lastId),
        topics: subscription.topics,
        subscription,
        deliveries: new Map(),
        failed: false,
      };
      await change(member, async () => {
        members.add(member);
        await rebalance(groupOf(member));
      });
      return {
        assigned: () => [...member.deliveries.values()].map(({ at }) => at),
        stop: () => leave(member, { revoked: false }),
      };
    },
    wake(partitions) {
      for (const member of members) {
        for (const [name, delivery] of member.deliveries) {
          if (!partitions || partitions.has(name)) delivery.wake();
        }
      }
    },
    stopAll: async () => {
      await Promise.all([...members].map((member) => leave(member, { revoked: false })));
    },
  };
}
