// Access to the part of kafkajs under its consumer: metadata of topics, and a fetch that needs no consumer group. kafkajs exports neither, yet
// reading the log at an offset (rebuild, dead letters, copies, readers of everything) must not wait seconds for a group to form. The
// version of kafkajs is pinned; what is used of it is written down here as types.
import { createRequire } from 'node:module';
import type { KafkaConfig } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import type { FetchedPartition } from './kafka-records.ts';
import type { TopicPartition } from './message-log.ts';

export interface FetchRequest {
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
}

interface Broker {
  fetch(
    request: FetchRequest & { isolationLevel: number },
  ): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
  findGroupCoordinator(question: { groupId: string; coordinatorType: number }): Promise<unknown>;
}

interface PartitionMetadata {
  partitionId: number;
  leader: number;
}

/** Of kafkajs. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): PartitionMetadata[];
  findBroker(node: { nodeId: number }): Promise<Broker>;
}

type NewCluster = new (options: object) => Cluster;
type Logger = object;

const load = createRequire(import.meta.url);
const ClusterClass: NewCluster = load('kafkajs/src/cluster');
const createSocketFactory: () => object = load('kafkajs/src/network/socketFactory');
const createKafkaLogger: (options: object) => Logger = load('kafkajs/src/loggers').createLogger;
const createLogSink: object = load('kafkajs/src/loggers/console');

const metadataMaxAgeMs = 60_000;
/** A broker that starts may not know yet what it has. */
const forgetfulMs = 300_000;
const mostMetadataTries = 3;
const readCommitted = 1;
const ofConsumers = 0;

export interface KafkaCluster {
  /** How many partitions a topic has. @throws Failure `configuration` for a topic that does not exist, `dependency` at first for one that did */
  partitionCount(topic: string): Promise<number>;
  /** The broker that leads a partition. @throws Failure */
  leaderOf(at: TopicPartition): Promise<number>;
  fetch(leader: number, request: FetchRequest): Promise<(FetchedPartition & { topic: string })[]>;
  /** Asks the leader of a partition for the coordinator of a group: kafkajs's own search does not tell why it finds none. @throws Failure */
  findCoordinator(group: string, at: TopicPartition): Promise<void>;
  /** After an error: connections and what is known of the brokers are made anew. */
  reset(): void;
  close(): Promise<void>;
}

/** @param known topics that were there already */
export const createKafkaCluster = (config: KafkaConfig, clock: Clock, known: Iterable<string> = []): KafkaCluster =>
  overClusters(
    () =>
      new ClusterClass({
        ...config,
        logger: createKafkaLogger({ level: config.logLevel, logCreator: createLogSink }),
        socketFactory: createSocketFactory(),
        metadataMaxAge: metadataMaxAgeMs,
        allowAutoTopicCreation: false,
      }),
    clock,
    known,
  );

/** @param create gives a client of kafkajs that is not connected yet */
export function overClusters(create: () => Cluster, clock: Clock, known: Iterable<string> = []): KafkaCluster {
  let cluster = create();
  let isClosed = false;
  const seen = new Set(known);
  /** When the broker said so first, and nothing else since. */
  const unknownSinceMs = new Map<string, number>();

  const askMetadata = async (topic: string): Promise<PartitionMetadata[]> => {
    // The one it began with to the end, also after a reset.
    const asked = cluster;
    try {
      await asked.connect();
      await asked.addMultipleTargetTopics([topic]);
      await asked.refreshMetadataIfNecessary();
      // Those who ask share one list of topics and its answers: one that comes late may know nothing of a topic that was added meanwhile.
      for (let tries = 1; ; tries += 1) {
        const found = asked.findTopicPartitionMetadata(topic);
        if (found.length > 0 || tries === mostMetadataTries) return found;
        await asked.refreshMetadata();
      }
    } finally {
      // It connects again when it was ended meanwhile.
      if (isClosed || asked !== cluster) end(asked);
    }
  };
  const metadataOf = async (topic: string): Promise<PartitionMetadata[]> => {
    try {
      const found = await askMetadata(topic);
      if (found.length === 0) throw new Failure('dependency', `Kafka does not tell the partitions of ${topic} now`);
      seen.add(topic);
      unknownSinceMs.delete(topic);
      return found;
    } catch (error) {
      if (error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION')
        throw unknownTopic(topic, error);
      unknownSinceMs.delete(topic);
      throw asKafkaFailure(error, `topic ${topic}`);
    }
  };
  const unknownTopic = (topic: string, cause: Error): Failure => {
    const nowMs = clock.now();
    const sinceMs = unknownSinceMs.get(topic) ?? nowMs;
    unknownSinceMs.set(topic, sinceMs);
    return seen.has(topic) && nowMs - sinceMs < forgetfulMs
      ? new Failure('dependency', `Kafka does not know the topic ${topic} now`, { cause })
      : new Failure('configuration', `Kafka has no topic ${topic}: run \`oura-streaming prepare\``, { cause });
  };
  const leaderOf = async ({ topic, partition }: TopicPartition): Promise<number> => {
    const found = (await metadataOf(topic)).find(({ partitionId }) => partitionId === partition);
    if (!found) throw new Failure('configuration', `${topic} has no partition ${partition}`);
    // Between two leaders a partition has none for a moment.
    if (found.leader < 0) throw new Failure('dependency', `Kafka: ${topic} partition ${partition} has no leader now`);
    return found.leader;
  };
  return {
    partitionCount: async (topic) => (await metadataOf(topic)).length,
    leaderOf,
    fetch: async (leader, request) => {
      const broker = await cluster.findBroker({ nodeId: leader });
      const { responses } = await broker.fetch({ ...request, isolationLevel: readCommitted });
      return responses.flatMap(({ topicName, partitions }) =>
        partitions.map((each) => ({ ...each, topic: topicName })),
      );
    },
    findCoordinator: async (groupId, at) => {
      const nodeId = await leaderOf(at);
      try {
        const broker = await cluster.findBroker({ nodeId });
        await broker.findGroupCoordinator({ groupId, coordinatorType: ofConsumers });
      } catch (error) {
        throw asKafkaFailure(error, `group ${groupId}`);
      }
    },
    reset: () => {
      end(cluster);
      cluster = create();
    },
    close: () => {
      isClosed = true;
      return cluster.disconnect();
    },
  };
}

/** Not waited for: it waits for its last answers. */
const end = (client: Cluster): void => void client.disconnect().catch(() => {});
