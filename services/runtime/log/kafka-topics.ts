// The topics as they should be on Kafka, what differs on a cluster, and making it so. Nothing is deleted by time, a key's last record is kept for
// ever. With fewer than three brokers an acknowledged write must be on the disk of the one that has it; with three or more it is on two.
import kafkajs, { type ConfigEntries, Kafka, type KafkaConfig } from 'kafkajs';
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
  /** Every setting that the cluster shows to this user. */
  config: Readonly<Record<string, string>>;
  /** Those of them that somebody set on the topic itself. */
  own: Readonly<Record<string, string>>;
}

export interface TopicDifference {
  topic: string;
  /** `exists`, `replication`, the name of a setting of the topic, or `configuration` where none can be seen. */
  what: string;
  is: string;
  shouldBe: string;
  /** Why it cannot be changed, or was not. */
  obstacle?: string;
}

/** @param remedy said of what nothing stands in the way of */
export function differenceSentence({ topic, what, is, shouldBe, obstacle }: TopicDifference, remedy?: string): string {
  const remark = obstacle ?? remedy;
  return `${topic}: ${what} is ${is}, should be ${shouldBe}${remark ? ` (${remark})` : ''}`;
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
  const replicas = replicationFactor(brokers);
  return topics.flatMap((topic): TopicDifference[] => {
    const state = existing.find(({ name }) => name === topic);
    if (!state) return [{ topic, what: 'exists', is: 'no', shouldBe: `yes, with ${partitions} partitions` }];
    // Another number of partitions than planned is fine as long as it stays.
    return [...settingsThatDiffer(state, wanted), ...replicasThatLack(state, replicas)];
  });
}

function settingsThatDiffer({ name: topic, config }: TopicState, wanted: Record<string, string>): TopicDifference[] {
  const all = Object.entries(wanted);
  if (Object.keys(config).length === 0) {
    const shouldBe = all.map((setting) => setting.join('=')).join(', ');
    return [
      { topic, what: 'configuration', is: 'unknown', shouldBe, obstacle: 'the cluster does not show it to this user' },
    ];
  }
  return all
    .filter(([name, value]) => config[name] !== value)
    .map(([name, shouldBe]) => ({ topic, what: name, is: config[name] ?? 'unknown', shouldBe }));
}

const replicasThatLack = ({ name, replicationFactor: is }: TopicState, shouldBe: number): TopicDifference[] =>
  is >= shouldBe
    ? []
    : [
        {
          ...{ topic: name, what: 'replication', is: String(is), shouldBe: String(shouldBe) },
          obstacle: 'it cannot be changed on a topic with records',
        },
      ];

/** What differs between the cluster and the plan; empty when all is as it should be. @throws Failure */
export const describeTopicDifferences = (config: KafkaConfig, plan: TopicPlan): Promise<TopicDifference[]> =>
  withAdmin(config, async (admin) => (await inspect(admin, plan)).differences);

/**
 * Makes the topics that are missing and changes the settings that differ; safe to repeat and to run twice at once. Returns what still differs
 * (what cannot be changed, or what the cluster forbids to change). @throws Failure
 */
export const ensureTopics = (config: KafkaConfig, plan: TopicPlan): Promise<TopicDifference[]> =>
  withAdmin(config, async (admin) => {
    const { differences, states, brokers } = await inspect(admin, plan);
    const missing = differences.filter(({ what }) => what === 'exists').map(({ topic }) => topic);
    const refusedToMake = missing.length > 0 ? await refusalOf(() => make(admin, missing, plan, brokers)) : undefined;
    const changing = new Set(differences.filter(({ obstacle }) => !obstacle).map(({ topic }) => topic));
    const changed = states.filter(({ name }) => changing.has(name));
    const refusedToChange = changed.length > 0 ? await refusalOf(() => change(admin, changed, brokers)) : undefined;
    return (await inspect(admin, plan)).differences.map((difference) => {
      const obstacle = difference.obstacle ?? (difference.what === 'exists' ? refusedToMake : refusedToChange);
      return obstacle ? { ...difference, obstacle } : difference;
    });
  });

type Admin = ReturnType<Kafka['admin']>;

/** What the cluster says when it forbids the work; undefined when it does not. */
async function refusalOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const failure = asKafkaFailure(error, 'the cluster refuses to change it');
    if (failure.kind !== 'configuration') throw failure;
    return failure.message;
  }
}

const entriesOf = (config: Readonly<Record<string, string>>) =>
  Object.entries(config).map(([name, value]) => ({ name, value }));

async function make(admin: Admin, names: readonly string[], { partitions }: TopicPlan, brokers: number) {
  await admin.createTopics({
    // kafkajs gives up at the first broker that does not know the topic yet; untilReady does not.
    waitForLeaders: false,
    topics: names.map((topic) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicationFactor(brokers),
      configEntries: entriesOf(topicConfig(brokers)),
    })),
  });
  await untilReady(admin, names);
}

async function change(admin: Admin, states: readonly TopicState[], brokers: number) {
  await admin.alterConfigs({
    validateOnly: false,
    resources: states.map(({ name, own }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      // What is left out is set back to its default: whatever else somebody set stays.
      configEntries: entriesOf({ ...own, ...topicConfig(brokers) }),
    })),
  });
}

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

async function inspect(
  admin: Admin,
  plan: TopicPlan,
): Promise<{ differences: TopicDifference[]; states: TopicState[]; brokers: number }> {
  const { brokers } = await admin.describeCluster();
  const existing = new Set(await admin.listTopics());
  const names = plan.topics.filter((topic) => existing.has(topic));
  const states = names.length === 0 ? [] : await describe(admin, names);
  return { differences: compareTopics(plan, states, brokers.length), states, brokers: brokers.length };
}

async function describe(admin: Admin, names: string[]): Promise<TopicState[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const shown = await settingsOf(admin, names);
  return topics.map(({ name, partitions }) => {
    const entries = shown.get(name) ?? [];
    const valuesOf = (some: typeof entries) =>
      Object.fromEntries(some.map(({ configName, configValue }) => [configName, configValue]));
    return {
      name,
      partitions: partitions.length,
      replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: valuesOf(entries),
      own: valuesOf(entries.filter(({ configSource }) => configSource === ofTopic)),
    };
  });
}

/** Where a setting stands, in Kafka's protocol: on the topic itself. */
const ofTopic = 1;

/** Empty for a user who may read the topics and not look at their settings. */
async function settingsOf(admin: Admin, names: readonly string[]): Promise<Map<string, ConfigEntries[]>> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    });
    return new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
  } catch (error) {
    const failure = asKafkaFailure(error, 'settings of topics');
    if (failure.kind !== 'configuration') throw failure;
    return new Map();
  }
}
