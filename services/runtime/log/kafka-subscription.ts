// One subscription to Kafka. In a group: the membership says which partitions are ours, the fetcher gets their records, the deliveries hand
// them over. A reader of everything has no membership. Changes of assignment are applied one after the other.
import type { Kafka } from 'kafkajs';
import type { Clock } from '../clock.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { createKafkaFetcher } from './kafka-fetcher.ts';
import { joinKafkaGroup, type KafkaMembership } from './kafka-membership.ts';
import { createMemberDeliveries } from './member-deliveries.ts';
import type {
  PartitionRange,
  RecordPosition,
  RunningSubscription,
  Subscription,
  TopicPartition,
} from './message-log.ts';
import { partitionName } from './partition-source.ts';

export interface KafkaSubscriptionParts {
  kafka: Kafka;
  /** Its own: a long poll holds up whatever else is asked on a connection. */
  cluster: KafkaCluster;
  subscription: Subscription;
  /** All partitions of the subscribed topics. */
  partitions: readonly TopicPartition[];
  range(at: TopicPartition): Promise<PartitionRange>;
  clock: Clock;
}

const reportIntervalMs = 1000;

export function subscribeToKafka(parts: KafkaSubscriptionParts): RunningSubscription {
  const { subscription, clock } = parts;
  const fetcher = createKafkaFetcher(parts.cluster, clock);
  const unreported = new Map<string, RecordPosition>();
  let membership: KafkaMembership | undefined;
  let changes: Promise<void> = Promise.resolve();
  let wanted: readonly TopicPartition[] = [];
  let failed = false;
  let stopping: Promise<void> | undefined;

  const deliveries = createMemberDeliveries({
    subscription,
    source: fetcher,
    range: parts.range,
    clock,
    onPosition: (at, next) => unreported.set(partitionName(at), { ...at, offset: next }),
    onFailure: (error) => fail(error),
  });
  const report = async () => {
    const positions = [...unreported.values()];
    unreported.clear();
    await membership?.report(positions);
  };
  const reporting = subscription.everyPartition
    ? undefined
    : setInterval(() => void report(), reportIntervalMs).unref();

  const apply = async () => {
    const now = wanted;
    await deliveries.revokeAllBut(now);
    // A newer assignment came meanwhile; it has its own turn.
    if (now !== wanted) return;
    await deliveries.begin(now);
  };
  const assign = (partitions: readonly TopicPartition[]) => {
    wanted = partitions;
    // What is taken away is stale from this moment, also while an earlier change is still under way.
    const revoked = deliveries.revokeAllBut(partitions);
    changes = Promise.all([changes, revoked])
      .then(apply)
      .catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
  };
  const end = async (stopDeliveries: () => Promise<void>) => {
    clearInterval(reporting);
    wanted = [];
    await stopDeliveries();
    await changes;
    await deliveries.stop();
    await report();
    await membership?.leave();
    await fetcher.close();
  };
  const fail = (error: Error) => {
    if (failed) return;
    failed = true;
    stopping ??= end(() => deliveries.revokeAllBut([]));
    subscription.onFailure(error);
  };

  if (subscription.everyPartition) assign(parts.partitions);
  else {
    membership = joinKafkaGroup({
      kafka: parts.kafka,
      group: subscription.group,
      topics: subscription.topics,
      clock,
      findCoordinator: async () => {
        const [any] = parts.partitions;
        if (any) await parts.cluster.findCoordinator(subscription.group, any);
      },
      onAssigned: assign,
      onFailure: fail,
    });
  }
  return {
    assigned: () => deliveries.assigned(),
    stop: () => {
      stopping ??= end(() => deliveries.stop());
      return stopping;
    },
  };
}
