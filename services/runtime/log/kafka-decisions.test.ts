// The pure parts of the Kafka adapter: settings, what errors mean, what goes into a send, what a fetch says, how topics should be.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KafkaJSProtocolError } from 'kafkajs';
import { Failure } from '../failure.ts';
import { readSettings, SettingsError } from '../settings.ts';
import { kafkaConfig } from './kafka-config.ts';
import { asKafkaFailure, kafkaFailureKind } from './kafka-failure.ts';
import { fromKafkaMessage, toKafkaMessage, usableRecords } from './kafka-records.ts';
import { gatherMs, nextSendLength } from './kafka-send-queue.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { compareTopics, topicConfig } from './kafka-topics.ts';

const configOf = (environment: Record<string, string>) =>
  kafkaConfig(readSettings(kafkaSettings, environment), 'archive');

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    configOf(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

test('settings become options of the client', () => {
  expect(configOf({ KAFKA_BROKERS: 'one:9092, two:9093' })).toMatchObject({
    clientId: 'archive',
    brokers: ['one:9092', 'two:9093'],
  });
  expect(configOf({ KAFKA_BROKERS: 'one:9092' })).not.toHaveProperty('ssl');
  const login = { KAFKA_SASL_USERNAME: 'ada', KAFKA_SASL_PASSWORD: 'secret', KAFKA_SASL_MECHANISM: 'scram-sha-512' };
  expect(configOf({ KAFKA_BROKERS: 'one:9092', KAFKA_SSL: 'true', ...login })).toMatchObject({
    ssl: true,
    sasl: { mechanism: 'scram-sha-512', username: 'ada', password: 'secret' },
  });
});

test('an authority of one’s own is read from its file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'oura-ca-'));
  const file = join(directory, 'ca.pem');
  await writeFile(file, 'PEM');
  expect(configOf({ KAFKA_BROKERS: 'one:1', KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: file })).toMatchObject({
    ssl: { ca: ['PEM'] },
  });
  await rm(directory, { recursive: true });
});

test.each([
  { environment: {}, problem: 'KAFKA_BROKERS is not set' },
  { environment: { KAFKA_BROKERS: 'kafka://one' }, problem: 'not of the form host:port' },
  { environment: { KAFKA_BROKERS: 'one:1', KAFKA_SASL_USERNAME: 'ada' }, problem: 'KAFKA_SASL_MECHANISM is not set' },
  { environment: { KAFKA_BROKERS: 'one:1', KAFKA_SASL_MECHANISM: 'plain' }, problem: 'KAFKA_SASL_PASSWORD is not set' },
  { environment: { KAFKA_BROKERS: 'one:1', KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/none' }, problem: 'cannot be read' },
])('$problem', ({ environment, problem }) => {
  expect(problemsOf(environment).join()).toMatch(problem);
});

const protocol = (type: string) => new KafkaJSProtocolError(Object.assign(new Error(type), { type }));
const coded = (code: string) => Object.assign(new Error(code), { code });

test.each([
  { error: protocol('MESSAGE_TOO_LARGE'), kind: 'poison' },
  { error: protocol('TOPIC_AUTHORIZATION_FAILED'), kind: 'configuration' },
  { error: protocol('GROUP_AUTHORIZATION_FAILED'), kind: 'configuration' },
  { error: protocol('NOT_LEADER_FOR_PARTITION'), kind: 'dependency' },
  { error: protocol('NOT_ENOUGH_REPLICAS'), kind: 'dependency' },
  { error: protocol('UNKNOWN_TOPIC_OR_PARTITION'), kind: 'dependency' },
  { error: protocol('SOMETHING_NEW'), kind: 'dependency' },
  {
    error: Object.assign(new Error('SASL PLAIN authentication failed'), { name: 'KafkaJSSASLAuthenticationError' }),
    kind: 'configuration',
  },
  {
    error: new Error('gave up', { cause: protocol('CLUSTER_AUTHORIZATION_FAILED') }),
    kind: 'configuration',
  },
  {
    error: Object.assign(new Error('Topic creation errors'), {
      errors: [protocol('NOT_CONTROLLER'), protocol('TOPIC_AUTHORIZATION_FAILED')],
    }),
    kind: 'configuration',
  },
  {
    error: Object.assign(new Error('Topic creation errors'), { errors: [protocol('NOT_CONTROLLER')] }),
    kind: 'dependency',
  },
  { error: coded('ECONNREFUSED'), kind: 'dependency' },
  { error: coded('SELF_SIGNED_CERT_IN_CHAIN'), kind: 'configuration' },
  { error: coded('ERR_TLS_CERT_ALTNAME_INVALID'), kind: 'configuration' },
  { error: 'a string', kind: 'dependency' },
])('$error is a matter of $kind', ({ error, kind }) => {
  expect(kafkaFailureKind(error)).toBe(kind);
});

test('a failure says what was tried, and one that is classified already stays', () => {
  const failure = asKafkaFailure(coded('ECONNREFUSED'), 'append');
  expect(failure.message).toBe('Kafka: append: ECONNREFUSED');
  const known = new Failure('poison', 'too large');
  expect(asKafkaFailure(known, 'append')).toBe(known);
});

test('a send holds what fits, in order, and always at least one record', () => {
  const size = fc.record({
    place: fc.constantFrom('a/0', 'a/1', 'b/0'),
    bytes: fc.integer({ min: 1, max: 1_200_000 }),
  });
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 60 }), (waiting) => {
      const length = nextSendLength(waiting);
      expect(length).toBeGreaterThanOrEqual(1);
      expect(length).toBeLessThanOrEqual(waiting.length);
      if (length === 1) return;
      const own = (place: string) => waiting.slice(0, length).filter((each) => each.place === place);
      for (const { place } of waiting.slice(0, length)) {
        const bytes = own(place).reduce((sum, each) => sum + each.bytes, 0);
        expect(own(place).length === 1 || bytes <= 900_000).toBe(true);
      }
    }),
  );
  expect(
    nextSendLength([
      { place: 'a/0', bytes: 1_000_000 },
      { place: 'a/1', bytes: 1 },
    ]),
  ).toBe(2);
  expect(
    nextSendLength([
      { place: 'a/0', bytes: 800_000 },
      { place: 'a/0', bytes: 200_000 },
    ]),
  ).toBe(1);
  expect(nextSendLength([])).toBe(0);
});

test.each([
  { name: 'callers who were answered get a moment to ask again', tookMs: 8, sent: 32, waiting: 20, waits: 2 },
  { name: 'a moment stays a moment', tookMs: 500, sent: 32, waiting: 20, waits: 10 },
  { name: 'a fast broker is not waited for', tookMs: 3, sent: 32, waiting: 20, waits: 0 },
  { name: 'a full send goes out at once', tookMs: 8, sent: 32, waiting: 32, waits: 0 },
  { name: 'nobody waits for nobody', tookMs: 8, sent: 32, waiting: 0, waits: 0 },
])('before the next send $name', ({ waits, ...facts }) => {
  expect(gatherMs(facts)).toBe(waits);
});

test('a record becomes a message and comes back as it was', () => {
  const pool = Buffer.from('before|value|after');
  const record = {
    topic: 't',
    partitionKey: 'p',
    key: 'ключ',
    value: pool.subarray(7, 12),
    headers: { ce_id: '1', x: 'ö' },
  };
  const message = toKafkaMessage(record, 3);
  expect(message).toMatchObject({ partition: 3, key: 'ключ', value: Buffer.from('value') });
  const fetched = {
    offset: '7',
    timestamp: '1000',
    key: Buffer.from('ключ'),
    value: Buffer.from('value'),
    headers: { ce_id: Buffer.from('1'), x: [Buffer.from('o'), Buffer.from('ö')] },
  };
  expect(fromKafkaMessage(fetched, { topic: 't', partition: 3 })).toEqual({
    topic: 't',
    partition: 3,
    offset: 7,
    appendedAtMs: 1000,
    key: 'ключ',
    value: Buffer.from('value'),
    headers: { ce_id: '1', x: 'ö' },
  });
});

const message = (offset: number, changes: object = {}) => ({
  offset: String(offset),
  timestamp: '0',
  key: null,
  value: Buffer.alloc(100),
  headers: {},
  ...changes,
});
const wanted = { at: { topic: 't', partition: 0 }, from: 5, limits: { maxRecords: 3, maxBytes: 250 } };
const fetched = (messages: ReturnType<typeof message>[], highWatermark = 20, isAlone = true) =>
  usableRecords({ partition: 0, highWatermark: String(highWatermark), messages }, wanted, isAlone);

test.each([
  {
    name: 'what stands before the wanted offset is left out',
    messages: [message(3), message(5), message(6)],
    offsets: [5, 6],
    from: 7,
  },
  {
    name: 'bytes bound it and the rest is kept',
    messages: [5, 6, 7, 8].map((offset) => message(offset)),
    offsets: [5, 6, 7],
    from: 8,
    rest: 1,
  },
  { name: 'control records are passed over', messages: [message(5, { isControlRecord: true })], offsets: [], from: 6 },
  {
    name: 'a stretch that compaction emptied is stepped over',
    messages: [message(2), message(3)],
    offsets: [],
    from: 6,
  },
  { name: 'nothing there and nothing expected stays', messages: [], offsets: [], from: 5, next: 5 },
  { name: 'nothing of what is there, asked for alone, is an emptied stretch', messages: [], offsets: [], from: 6 },
  {
    name: 'nothing of what is there, asked for among others, skips no record',
    messages: [],
    offsets: [],
    from: 5,
    isAlone: false,
  },
])('of a fetch, $name', ({ messages, offsets, from, next = 20, isAlone, rest = 0 }) => {
  const usable = fetched(messages, next, isAlone);
  expect(usable.records.map(({ offset }) => offset)).toEqual(offsets);
  expect(usable).toMatchObject({ from, next });
  expect(usable.rest).toHaveLength(rest);
});

const plan = { topics: ['a'], partitions: 6 };
const state = (changes: object = {}) => ({
  name: 'a',
  partitions: 6,
  replicationFactor: 1,
  config: topicConfig(1),
  own: {},
  ...changes,
});

test('a single broker must have a write on its disk, three must have it twice', () => {
  expect(topicConfig(1)).toMatchObject({ 'cleanup.policy': 'compact', 'retention.ms': '-1', 'flush.messages': '1' });
  expect(topicConfig(3)).toMatchObject({ 'min.insync.replicas': '2' });
  expect(topicConfig(3)).not.toHaveProperty('flush.messages');
});

test('differences name the topic, what it is and what it should be', () => {
  expect(compareTopics(plan, [state()], 1)).toEqual([]);
  expect(compareTopics(plan, [state({ partitions: 12 })], 1)).toEqual([]);
  expect(compareTopics(plan, [], 1)).toMatchObject([{ topic: 'a', what: 'exists', is: 'no' }]);
  const timed = state({ config: { ...topicConfig(1), 'retention.ms': '604800000' } });
  expect(compareTopics(plan, [timed], 1)).toMatchObject([{ what: 'retention.ms', is: '604800000', shouldBe: '-1' }]);
  const few = state({ config: topicConfig(3) });
  expect(compareTopics(plan, [few], 3)).toMatchObject([
    { what: 'replication', is: '1', shouldBe: '3', obstacle: 'it cannot be changed on a topic with records' },
  ]);
  expect(compareTopics(plan, [state({ config: {} })], 1)).toMatchObject([
    { what: 'configuration', is: 'unknown', obstacle: 'the cluster does not show it to this user' },
  ]);
  const older = state({ config: { ...topicConfig(1), 'max.compaction.lag.ms': undefined } });
  expect(compareTopics(plan, [older], 1)).toEqual([
    { topic: 'a', what: 'max.compaction.lag.ms', is: 'unknown', shouldBe: '86400000' },
  ]);
});
