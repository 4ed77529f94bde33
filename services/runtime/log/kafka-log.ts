// The log on Kafka, by kafkajs. Put together here: size checks and partitioning as in the embedded log, one producer with one send in
// flight, fetches without a group, memberships beside them. Topics are made by `oura-streaming prepare`, not here (kafka-topics.ts).
import { type Admin, Kafka, type KafkaConfig } from 'kafkajs';
import { type Clock, systemClock } from '../clock.ts';
import { Failure, failureKind } from '../failure.ts';
import { createKafkaCluster } from './kafka-cluster.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import { guardIdleTimer } from './kafka-idle-timer.ts';
import { createKafkaAppends } from './kafka-producer.ts';
import { readKafka } from './kafka-read.ts';
import { subscribeToKafka } from './kafka-subscription.ts';
import type { MessageLog, PartitionRange, RunningSubscription, TopicPartition } from './message-log.ts';
import { partitionOf } from './partition.ts';

export interface KafkaLogOptions {
  config: KafkaConfig;
  /** All topics that are used; they must exist. */
  topics: readonly string[];
  clock?: Clock;
}

const adminRetryMs = 300;

/** @throws Failure `configuration` (wrong password, a topic is missing), `dependency` (no broker answers) */
export async function openKafkaLog({ config, topics, clock = systemClock }: KafkaLogOptions): Promise<MessageLog> {
  guardIdleTimer();
  const kafka = new Kafka(config);
  const cluster = createKafkaCluster(config, clock);
  const appends = createKafkaAppends(kafka);
  const subscriptions = new Set<RunningSubscription>();
  // Fixed while we run: another count would send a person's records to another partition than before.
  const partitionCounts = new Map<string, number>();
  // One for all who ask at once: one that is forgotten keeps its connection, and the process with it.
  let admin: Promise<Admin> | undefined;

  const connectAdmin = async (): Promise<Admin> => {
    const connecting = kafka.admin();
    try {
      await connecting.connect();
    } catch (error) {
      await connecting.disconnect().catch(() => {});
      throw error;
    }
    return connecting;
  };
  const askAdmin = async <Result>(what: string, work: (admin: Admin) => Promise<Result>): Promise<Result> => {
    admin ??= connectAdmin();
    const asked = admin;
    try {
      return await work(await asked);
    } catch (error) {
      if (admin === asked) admin = undefined;
      await asked.then((broken) => broken.disconnect()).catch(() => {});
      throw asKafkaFailure(error, what);
    }
  };
  /** Partitions move between brokers: what fails once is asked again of a new connection. */
  const withAdmin = async <Result>(what: string, work: (admin: Admin) => Promise<Result>): Promise<Result> => {
    try {
      return await askAdmin(what, work);
    } catch (error) {
      if (failureKind(error) !== 'dependency') throw error;
      await clock.wait(adminRetryMs);
      return askAdmin(what, work);
    }
  };
  const partitionCount = (topic: string): number => {
    const count = partitionCounts.get(topic);
    if (count === undefined)
      throw new Failure('configuration', `the log has no topic ${topic}; it has ${topics.join(', ')}`);
    return count;
  };
  const partitionsOf = (topic: string): TopicPartition[] =>
    Array.from({ length: partitionCount(topic) }, (_, partition) => ({ topic, partition }));
  const ranges = async (topic: string): Promise<PartitionRange[]> => {
    partitionCount(topic);
    const offsets = await withAdmin(`offsets of ${topic}`, (connected) => connected.fetchTopicOffsets(topic));
    return offsets
      .map(({ partition, low, high }) => ({ topic, partition, earliest: Number(low), next: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  };
  const range = async (at: TopicPartition): Promise<PartitionRange> => {
    const found = (await ranges(at.topic)).find(({ partition }) => partition === at.partition);
    if (!found) throw new Failure('configuration', `${at.topic} has no partition ${at.partition}`);
    return found;
  };

  try {
    for (const topic of topics) partitionCounts.set(topic, await cluster.partitionCount(topic));
  } catch (error) {
    await cluster.close().catch(() => {});
    throw error;
  }

  return {
    async append(records) {
      if (records.length === 0) return [];
      const places = records.map(({ topic, partitionKey }) => ({
        topic,
        partition: partitionOf(partitionKey, partitionCount(topic)),
      }));
      return appends.append(records, places);
    },
    async subscribe(subscription) {
      const running = subscribeToKafka({
        kafka,
        cluster: createKafkaCluster(config, clock, topics),
        subscription,
        partitions: subscription.topics.flatMap(partitionsOf),
        range,
        clock,
      });
      subscriptions.add(running);
      return {
        assigned: running.assigned,
        stop: async () => {
          subscriptions.delete(running);
          await running.stop();
        },
      };
    },
    async read(from, limit) {
      partitionCount(from.topic);
      return readKafka(cluster, from, limit);
    },
    ranges,
    async groupOffsets(group, topic) {
      partitionCount(topic);
      const found = await withAdmin(`offsets of the group ${group}`, (connected) =>
        connected.fetchOffsets({ groupId: group, topics: [topic] }),
      );
      const reported = found.flatMap(({ partitions }) => partitions).filter(({ offset }) => Number(offset) >= 0);
      return new Map(reported.map(({ partition, offset }) => [partition, Number(offset)]));
    },
    async check() {
      await withAdmin('check', (connected) => connected.describeCluster());
    },
    async close() {
      await Promise.all([...subscriptions].map((running) => running.stop()));
      await appends.close();
      await admin?.then((connected) => connected.disconnect());
      await cluster.close();
    },
  };
}
