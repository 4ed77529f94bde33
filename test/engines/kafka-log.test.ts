// The log on a real Kafka against the conformance suite, and what is particular to Kafka: topics, copies, restarts.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ConfigResourceTypes, Kafka } from 'kafkajs';
import { failureKind } from '../../services/runtime/failure.ts';
import { copyLog } from '../../services/runtime/log/copy-log.ts';
import { createKafkaCluster } from '../../services/runtime/log/kafka-cluster.ts';
import { openKafkaLog } from '../../services/runtime/log/kafka-log.ts';
import { describeTopicDifferences, ensureTopics } from '../../services/runtime/log/kafka-topics.ts';
import type { MessageLog } from '../../services/runtime/log/message-log.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { describeMessageLog } from '../conformance/message-log.ts';
import { eventually, type LogSubject, readAll, record, textOf } from '../conformance/message-log-subject.ts';
import { closing } from '../support/closing.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { untilRight } from '../support/until-right.ts';
import { type KafkaBroker, startKafka, uniqueTopic } from './kafka-container.ts';

const patienceMs = 30_000;
const keptForAll = closing(afterAll);
const kept = closing(afterEach);
let broker: KafkaBroker;

beforeAll(async () => {
  broker = keptForAll(await startKafka());
});

async function openSubject(partitions: number): Promise<LogSubject> {
  const topics = [uniqueTopic('facts'), uniqueTopic('others')] as const;
  const { config } = broker;
  await ensureTopics(config, { topics, partitions });
  let current: MessageLog = await openKafkaLog({ config, topics });
  return {
    log: current,
    topics,
    partitions,
    patienceMs,
    reopen: async () => {
      await current.close();
      current = await openKafkaLog({ config, topics });
      return current;
    },
    close: () => current.close(),
  };
}

for (const partitions of [1, 6]) {
  describeMessageLog(`the log on Kafka with ${partitions} partition(s)`, () => openSubject(partitions));
}

test('topics are made compacted and durable, once, and what somebody changed is shown and put right, without touching what is theirs', async () => {
  const topics = [uniqueTopic('a'), uniqueTopic('b')];
  const plan = { topics, partitions: 6 };
  const { config } = broker;
  expect((await describeTopicDifferences(config, plan)).map(({ what }) => what)).toEqual(['exists', 'exists']);
  expect(await ensureTopics(config, plan)).toEqual([]);
  expect(await ensureTopics(config, { ...plan, partitions: 3 })).toEqual([]);
  const admin = new Kafka(config).admin();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topics[0] ?? '',
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'segment.bytes', value: '20000000' },
        ],
      },
    ],
  });
  expect(await describeTopicDifferences(config, plan)).toContainEqual({
    topic: topics[0],
    what: 'cleanup.policy',
    is: 'delete',
    shouldBe: 'compact',
  });
  expect(await ensureTopics(config, plan)).toEqual([]);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topics[0] ?? '', configNames: ['segment.bytes'] }],
  });
  await admin.disconnect();
  expect(resources[0]?.configEntries).toMatchObject([{ configName: 'segment.bytes', configValue: '20000000' }]);
});

test('a topic that is missing is a matter of configuration', async () => {
  const opening = openKafkaLog({ config: broker.config, topics: [uniqueTopic('never-made')] });
  await expect(opening).rejects.toMatchObject({ kind: 'configuration' });
});

test('a topic that was there a moment ago is waited for, as a broker that starts may not know it yet; one that stays away is missing', async () => {
  const topic = uniqueTopic('taken-away');
  await ensureTopics(broker.config, { topics: [topic], partitions: 1 });
  const clock = createManualClock();
  const cluster = kept(createKafkaCluster(broker.config, clock));
  expect(await cluster.partitionCount(topic)).toBe(1);
  const admin = new Kafka(broker.config).admin();
  await admin.deleteTopics({ topics: [topic] });
  // The controller answers before the broker knows.
  await untilRight(async () => ((await admin.listTopics()).includes(topic) ? 'it is still listed' : undefined));
  await admin.disconnect();
  cluster.reset();
  await expect(cluster.partitionCount(topic)).rejects.toMatchObject({ kind: 'dependency' });
  await clock.advance(300_000);
  await expect(cluster.partitionCount(topic)).rejects.toMatchObject({ kind: 'configuration' });
});

test('a broker that does not answer is a dependency', async () => {
  const config = { ...broker.config, brokers: ['127.0.0.1:1'], retry: { retries: 1 } };
  const error: unknown = await openKafkaLog({ config, topics: ['any'] }).catch((thrown: unknown) => thrown);
  expect(failureKind(error)).toBe('dependency');
});

test('an embedded log is copied with ids, bytes and order per person, and a second copy adds nothing', async () => {
  const topic = uniqueTopic('copied');
  await ensureTopics(broker.config, { topics: [topic], partitions: 6 });
  const from = kept(await openSqliteLog({ path: ':memory:', topics: [topic], partitions: 2 }));
  const to = kept(await openKafkaLog({ config: broker.config, topics: [topic] }));
  const persons = ['ada', 'bob', 'cleo'];
  for (let i = 0; i < 700; i += 1) {
    await from.append(persons.map((person) => record(topic, person, i === 500 ? null : String(i), `${person}/${i}`)));
  }
  expect(await copyLog({ from, to, topics: [topic] })).toEqual(new Map([[topic, 2100]]));
  expect(await copyLog({ from, to, topics: [topic] })).toEqual(new Map([[topic, 0]]));
  const plain = async (log: MessageLog, person: string) =>
    (await readAll(log, topic))
      .filter(({ headers }) => headers.ce_partitionkey === person)
      .map((each) => [each.key, textOf(each), each.headers.ce_id]);
  for (const person of persons) expect(await plain(to, person)).toEqual(await plain(from, person));
});

test('when the broker comes back after a restart, appends and deliveries go on without a hand, and nothing acknowledged is lost', async () => {
  const own = kept(await startKafka());
  const topic = uniqueTopic('restarted');
  await ensureTopics(own.config, { topics: [topic], partitions: 6 });
  const log = kept(await openKafkaLog({ config: own.config, topics: [topic] }));
  const seen = new Set<string>();
  const failures: Error[] = [];
  const offsets = new Map<number, number>();
  await log.subscribe({
    group: uniqueTopic('group'),
    topics: [topic],
    startOffset: async ({ partition }) => offsets.get(partition) ?? 'earliest',
    onBatch: async ({ records, partition }) => {
      for (const each of records) seen.add(textOf(each) ?? '');
      const nextOffset = (records.at(-1)?.offset ?? 0) + 1;
      offsets.set(partition, nextOffset);
      return { nextOffset };
    },
    onFailure: (error) => failures.push(error),
  });
  const acknowledged: string[] = [];
  const refused: unknown[] = [];
  const append = async (text: string) => {
    try {
      await log.append([record(topic, text, text)]);
      acknowledged.push(text);
    } catch (error) {
      refused.push(error);
    }
  };
  for (let i = 0; i < 50; i += 1) await append(`before ${i}`);
  let isBack = false;
  const restarting = own.container.restart({ timeout: 10_000 }).then(() => {
    isBack = true;
  });
  for (let i = 0; !isBack; i += 1) await append(`during ${i}`);
  await restarting;
  for (let i = 0; !acknowledged.some((text) => text.startsWith('after')); i += 1) await append(`after ${i}`);
  await eventually('everything acknowledged', 60_000, () => acknowledged.every((text) => seen.has(text)));
  expect(new Set(refused.map(failureKind))).toEqual(new Set(refused.length > 0 ? ['dependency'] : []));
  expect(failures).toEqual([]);
}, 240_000);

test('while the broker does not answer an append is refused in time, and taken when it answers again', async () => {
  const own = kept(await startKafka());
  const topic = uniqueTopic('frozen');
  await ensureTopics(own.config, { topics: [topic], partitions: 1 });
  const log = kept(await openKafkaLog({ config: { ...own.config, requestTimeout: 1000 }, topics: [topic] }));
  await log.append([record(topic, 'p', 'before')]);
  await own.freeze();
  const refused: unknown = await log.append([record(topic, 'p', 'during')]).catch((error: unknown) => error);
  expect(failureKind(refused)).toBe('dependency');
  await own.thaw();
  for (let isTaken = false; !isTaken; ) {
    isTaken = await log.append([record(topic, 'p', 'after')]).then(
      () => true,
      () => false,
    );
  }
  // What was refused may still have arrived, even late: the caller was told that it is not known.
  const texts = (await readAll(log, topic)).map(textOf);
  expect(texts[0]).toBe('before');
  expect(texts).toContain('after');
}, 240_000);
