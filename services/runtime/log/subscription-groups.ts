// Consumer groups inside one process: who reads which partition, and how a partition changes hands. One change of a group at a time:
// first what is taken away ends, then the new readers begin, so no two members ever handle one partition at once. Subscriptions with
// `everyPartition` stand outside of the groups.
import { assignPartitions } from './group-assignment.ts';
import { createMemberDeliveries, type MemberDeliveries, type MemberParts } from './member-deliveries.ts';
import type { RunningSubscription, Subscription, TopicPartition } from './message-log.ts';

export interface GroupsParts extends Pick<MemberParts, 'source' | 'range' | 'clock' | 'pacing'> {
  /** All partitions of a topic, in order. @throws Failure `configuration` for an unknown topic */
  partitionsOf(topic: string): TopicPartition[];
  /** A group has handled everything before `next`. */
  onPosition(group: string, at: TopicPartition, next: number): void;
}

export interface SubscriptionGroups {
  subscribe(subscription: Subscription): Promise<RunningSubscription>;
  stopAll(): Promise<void>;
}

interface Member {
  id: string;
  topics: readonly string[];
  /** Members that share a name share the partitions. */
  groupName: string;
  deliveries: MemberDeliveries;
}

export function createSubscriptionGroups(parts: GroupsParts): SubscriptionGroups {
  const members = new Set<Member>();
  const changes = new Map<string, Promise<void>>();
  let lastId = 0;

  const rebalance = async (groupName: string) => {
    const group = [...members].filter((member) => member.groupName === groupName);
    const topics = [...new Set(group.flatMap((member) => member.topics))].sort();
    const assignment = assignPartitions(topics.flatMap(parts.partitionsOf), group);
    const own = (member: Member) => assignment.get(member.id) ?? [];
    await Promise.all(group.map((member) => member.deliveries.revokeAllBut(own(member))));
    await Promise.all(group.map((member) => member.deliveries.begin(own(member))));
  };
  /** Runs one change of a group after the other. */
  const change = (groupName: string, work: () => Promise<void>): Promise<void> => {
    const next = (changes.get(groupName) ?? Promise.resolve()).then(work);
    const settled = next
      .catch(() => {})
      .then(() => {
        if (changes.get(groupName) === settled) changes.delete(groupName);
      });
    changes.set(groupName, settled);
    return next;
  };
  const leave = (member: Member, end: () => Promise<void>): Promise<void> =>
    change(member.groupName, async () => {
      if (!members.delete(member)) return;
      await end();
      await rebalance(member.groupName);
    });
  const createMember = (subscription: Subscription): Member => {
    lastId += 1;
    const id = String(lastId);
    const { group, everyPartition = false, topics } = subscription;
    let failed = false;
    const fail = (error: Error) => {
      if (failed) return;
      failed = true;
      void leave(member, () => member.deliveries.revokeAllBut([]));
      subscription.onFailure(error);
    };
    const deliveries = createMemberDeliveries({
      ...parts,
      subscription,
      onPosition: (at, next) => {
        if (!everyPartition) parts.onPosition(group, at, next);
      },
      onFailure: fail,
    });
    const member: Member = { id, topics, groupName: everyPartition ? `every ${id}` : `group ${group}`, deliveries };
    return member;
  };

  return {
    async subscribe(subscription) {
      for (const topic of subscription.topics) parts.partitionsOf(topic);
      const member = createMember(subscription);
      await change(member.groupName, async () => {
        members.add(member);
        await rebalance(member.groupName);
      });
      return {
        assigned: () => member.deliveries.assigned(),
        stop: () => leave(member, () => member.deliveries.stop()),
      };
    },
    stopAll: async () => {
      await Promise.all([...members].map((member) => leave(member, () => member.deliveries.stop())));
    },
  };
}
