// A cluster that gives its user some rights and not others: what is missing stops what needs it and is said, and what cannot be changed is listed.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import kafkajs, { Kafka, type KafkaConfig } from 'kafkajs';
import { systemClock } from '../../services/runtime/clock.ts';
import { kafkaConfig } from '../../services/runtime/log/kafka-config.ts';
import { openKafkaLog } from '../../services/runtime/log/kafka-log.ts';
import { kafkaSettings } from '../../services/runtime/log/kafka-settings.ts';
import { describeTopicDifferences, ensureTopics } from '../../services/runtime/log/kafka-topics.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { record, textOf } from '../conformance/message-log-subject.ts';
import { closing } from '../support/closing.ts';
import { untilRight } from '../support/until-right.ts';
import { createCertificates } from './certificates.ts';
import { startKafka, uniqueTopic } from './kafka-container.ts';

const { AclOperationTypes: Operation, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const keptForAll = closing(afterAll);
const kept = closing(afterEach);
let owner: KafkaConfig;
let guest: KafkaConfig;

beforeAll(async () => {
  const password = randomUUID();
  const certificates = keptForAll(createCertificates());
  const broker = keptForAll(
    await startKafka({ login: { username: 'owner', password }, tls: certificates.serverAt('127.0.0.1') }),
  );
  const configOf = (username: string) =>
    kafkaConfig(
      readSettings(kafkaSettings, {
        KAFKA_BROKERS: String(broker.config.brokers),
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: certificates.caFile,
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: username,
        KAFKA_SASL_PASSWORD: password,
      }),
      'test',
    );
  [owner, guest] = [configOf('owner'), configOf('guest')];
});

/** A new topic, as it should be, and what the guest may do with it. */
async function topicWith(...operations: number[]): Promise<string> {
  const topic = uniqueTopic('limited');
  await ensureTopics(owner, { topics: [topic], partitions: 1 });
  await allow(AclResourceTypes.TOPIC, topic, operations);
  return topic;
}

async function asOwner(work: (admin: ReturnType<Kafka['admin']>) => Promise<unknown>) {
  const admin = new Kafka(owner).admin();
  await admin.connect();
  await work(admin).finally(() => admin.disconnect());
}

async function allow(resourceType: number, resourceName: string, operations: readonly number[]) {
  const acl = operations.map((operation) => ({
    ...{ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL },
    ...{ principal: 'User:guest', host: '*', operation, permissionType: AclPermissionTypes.ALLOW },
  }));
  if (acl.length === 0) return;
  await asOwner(async (admin) => {
    await admin.createAcls({ acl });
    // The controller answers before the broker knows.
    const asked = {
      ...{ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL },
      ...{ operation: Operation.ANY, permissionType: AclPermissionTypes.ANY },
    };
    await untilRight(async () => {
      const given = (await admin.describeAcls(asked)).resources.flatMap(({ acls }) => acls).length;
      return given < acl.length ? `of ${acl.length} rights the broker knows ${given}` : undefined;
    });
  });
}

const notAuthorized = { kind: 'configuration', message: expect.stringMatching(/not authorized|authorization failed/i) };

test('without a right to the topics the log does not open', async () => {
  const topic = await topicWith();
  await expect(openKafkaLog({ config: guest, topics: [topic] }).then(kept)).rejects.toMatchObject(notAuthorized);
});

test('without the right to write an append is refused, without that to read so is a read', async () => {
  const topic = await topicWith(Operation.DESCRIBE);
  const log = kept(await openKafkaLog({ config: guest, topics: [topic] }));
  await expect(log.append([record(topic, 'p', 'x')])).rejects.toMatchObject(notAuthorized);
  await expect(log.read({ topic, partition: 0, offset: 0 }, 1)).rejects.toMatchObject(notAuthorized);
});

test.each<[string, number[], number[]]>([
  ['see the group', [Operation.READ], []],
  ['read the group', [Operation.READ], [Operation.DESCRIBE]],
  ['read the topic', [Operation.DESCRIBE], [Operation.READ]],
])('without the right to %s a subscription ends and says so', async (_, ofTopic, ofGroup) => {
  const topic = await topicWith(...ofTopic);
  const group = uniqueTopic('group');
  await allow(AclResourceTypes.GROUP, group, ofGroup);
  const log = kept(await openKafkaLog({ config: guest, topics: [topic] }));
  const failed = Promise.withResolvers<Error>();
  kept(
    await log.subscribe({
      group,
      topics: [topic],
      startOffset: async () => 'earliest',
      onBatch: async ({ next }) => ({ nextOffset: next }),
      onFailure: failed.resolve,
    }),
  );
  expect(await failed.promise).toMatchObject(notAuthorized);
});

test('with the rights that deploy/README.md names it is written, read, shared by a group and looked at', async () => {
  const topic = await topicWith(Operation.READ, Operation.WRITE);
  const group = uniqueTopic('group');
  await allow(AclResourceTypes.GROUP, group, [Operation.READ]);
  const log = kept(await openKafkaLog({ config: guest, topics: [topic] }));
  await log.append([record(topic, 'p', 'x')]);
  const delivered = Promise.withResolvers<string[]>();
  kept(
    await log.subscribe({
      group,
      topics: [topic],
      startOffset: async () => 'earliest',
      onBatch: async ({ records, next }) => {
        delivered.resolve(records.map((each) => textOf(each) ?? ''));
        return { nextOffset: next };
      },
      onFailure: delivered.reject,
    }),
  );
  expect(await delivered.promise).toEqual(['x']);
  await log.check();
  while ((await log.groupOffsets(group, topic)).get(0) !== 1) await systemClock.wait(100);
});

test('topics that may not be made are listed with what the cluster says', async () => {
  const plan = { topics: [uniqueTopic('forbidden')], partitions: 1 };
  expect(await ensureTopics(guest, plan)).toEqual([
    {
      ...{ topic: plan.topics[0], what: 'exists', is: 'no' },
      ...{ shouldBe: 'yes, with 1 partitions', obstacle: expect.stringMatching(/not authorized/i) },
    },
  ]);
});

test('settings that may not be changed, or not be seen, are listed and left alone', async () => {
  const topic = await topicWith(Operation.DESCRIBE);
  const plan = { topics: [topic], partitions: 1 };
  const timed = [{ name: 'retention.ms', value: '1000' }];
  await asOwner((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: timed }],
    }),
  );
  const differing = (await describeTopicDifferences(owner, plan)).map(({ what }) => what);
  expect(differing).toContain('retention.ms');
  expect(await ensureTopics(guest, plan)).toMatchObject([{ topic, what: 'configuration', is: 'unknown' }]);
  await allow(AclResourceTypes.TOPIC, topic, [Operation.DESCRIBE_CONFIGS]);
  const left = await ensureTopics(guest, plan);
  expect(left.map(({ what }) => what)).toEqual(differing);
  for (const { obstacle } of left) expect(obstacle).toMatch(/not authorized/i);
});
