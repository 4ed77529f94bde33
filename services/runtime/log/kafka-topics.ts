// The topics as they should be on Kafka, what differs on a cluster, and making it so. Nothing is deleted by time, a key's last record is kept for
// ever. With fewer than three brokers an acknowledged write must be on the disk of the one that has it; with three or more it is on two.
import kafkajs, { Kafka, type KafkaConfig } from 'kafkajs';
import { systemClock } from '../clock.ts';
import { failureKind } from '../failure.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import { guardIdleTimer } from './kafka-idle-timer.ts';

export interface TopicPlan {
  topics: readonly string[];
  /** For topics that are made now. */
  partitions: number;
}

export interface TopicState {
  name: string;
  partitions: number;
  replicationFactor: number;
  config: Readonly<Record<string, string>>;
}

export interface TopicDifference {
  topic: string;
  /** `exists`, `partitions`, `replication` or the name of a setting of the topic. */
  what: string;
  is: string;
  shouldBe: string;
  /** False: it cannot be changed on a topic with records, only seen. */
  isChangeable: boolean;
}

const readyRetryMs = 200;
const mostReadyTries = 50;

/** The settings of every topic, by how many brokers there are. Pure. */
export function topicConfig(brokers: number): Record<string, string> {
  const always = {
    'cleanup.policy': 'compact',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    // A day for every reader to see a tombstone.
    'delete.retention.ms': '86400000',
    // Else a quiet topic may keep what a tombstone removed for as long as it likes.
    'max.compaction.lag.ms': '86400000',
    'max.message.bytes': '1048588',
  };
  return brokers < 3
    ? { ...always, 'flush.messages': '1', 'min.insync.replicas': '1' }
    : { ...always, 'min.insync.replicas': '2' };
}

export const replicationFactor = (brokers: number): number => (brokers < 3 ? 1 : 3);

/** Pure. */
export function compareTopics(
  { topics, partitions }: TopicPlan,
  existing: readonly TopicState[],
  brokers: number,
): TopicDifference[] {
  const wanted = topicConfig(brokers);
  return topics.flatMap((topic): TopicDifference[] => {
    const state = existing.find(({ name }) => name === topic);
    if (!state) {
      return [{ topic, what: 'exists', is: 'no', shouldBe: `yes, with ${partitions} partitions`, isChangeable: true }];
    }
    const settings = Object.entries(wanted)
      .filter(([name, value]) => state.config[name] !== value)
      .map(([name, value]) => ({
        topic,
        what: name,
        is: state.config[name] ?? 'unknown',
        shouldBe: value,
        isChangeable: true,
      }));
    // Another number of partitions than planned is fine as long as it stays.
    const replicas = replicationFactor(brokers);
    return state.replicationFactor < replicas
      ? [
          ...settings,
          {
            topic,
            what: 'replication',
            is: String(state.replicationFactor),
            shouldBe: String(replicas),
            isChangeable: false,
          },
        ]
      : settings;
  });
}

/** What differs between the cluster and the plan; empty when all is as it should be. @throws Failure */
export const describeTopicDifferences = (config: KafkaConfig, plan: TopicPlan): Promise<TopicDifference[]> =>
  withAdmin(config, async (admin) => (await inspect(admin, plan)).differences);

/**
 * Makes the topics that are missing and changes the settings that differ; safe to repeat and to run twice at once. Returns what still differs
 * (what cannot be changed, or what the cluster forbids to change). @throws Failure
 */
export const ensureTopics = (config: KafkaConfig, plan: TopicPlan): Promise<TopicDifference[]> =>
  withAdmin(config, async (admin) => {
    const { differences, brokers } = await inspect(admin, plan);
    const missing = differences.filter(({ what }) => what === 'exists');
    if (missing.length > 0) {
      await admin.createTopics({
        // kafkajs gives up at the first broker that does not know the topic yet; untilReady does not.
        waitForLeaders: false,
        topics: missing.map(({ topic }) => ({
          topic,
          numPartitions: plan.partitions,
          replicationFactor: replicationFactor(brokers),
          configEntries: Object.entries(topicConfig(brokers)).map(([name, value]) => ({ name, value })),
        })),
      });
      await untilReady(
        admin,
        missing.map(({ topic }) => topic),
      );
    }
    const changed = new Set(
      differences.filter(({ what, isChangeable }) => what !== 'exists' && isChangeable).map(({ topic }) => topic),
    );
    if (changed.size > 0) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [...changed].map((name) => ({
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name,
          configEntries: Object.entries(topicConfig(brokers)).map(([entry, value]) => ({ name: entry, value })),
        })),
      });
    }
    return (await inspect(admin, plan)).differences;
  });

type Admin = ReturnType<Kafka['admin']>;

async function withAdmin<Result>(config: KafkaConfig, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  guardIdleTimer();
  const admin = new Kafka(config).admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw asKafkaFailure(error, 'topics');
  } finally {
    await admin.disconnect();
  }
}

/** A new topic's partitions have leaders before the leaders know it; only then is it of use. */
async function untilReady(admin: Admin, topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    for (let tries = 1; ; tries += 1) {
      try {
        await admin.fetchTopicOffsets(topic);
        break;
      } catch (error) {
        if (tries === mostReadyTries || failureKind(asKafkaFailure(error, topic)) !== 'dependency') throw error;
        await systemClock.wait(readyRetryMs);
      }
    }
  }
}

async function inspect(admin: Admin, plan: TopicPlan): Promise<{ differences: TopicDifference[]; brokers: number }> {
  const { brokers } = await admin.describeCluster();
  const existing = new Set(await admin.listTopics());
  const names = plan.topics.filter((topic) => existing.has(topic));
  const states = names.length === 0 ? [] : await describe(admin, names);
  return { differences: compareTopics(plan, states, brokers.length), brokers: brokers.length };
}

async function describe(admin: Admin, names: string[]): Promise<TopicState[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.length,
    replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    config: Object.fromEntries(
      (resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? []).map((entry) => [
        entry.configName,
        entry.configValue,
      ]),
    ),
  }));
}
