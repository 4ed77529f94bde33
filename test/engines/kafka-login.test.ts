// Kafka that speaks TLS only and asks for a login, reached by the settings that people have; and what is said when one of them is wrong.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { kafkaConfig } from '../../services/runtime/log/kafka-config.ts';
import { openKafkaLog } from '../../services/runtime/log/kafka-log.ts';
import { kafkaSettings } from '../../services/runtime/log/kafka-settings.ts';
import { ensureTopics } from '../../services/runtime/log/kafka-topics.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { readAll, record, textOf } from '../conformance/message-log-subject.ts';
import { closing } from '../support/closing.ts';
import { type Certificates, createCertificates } from './certificates.ts';
import { startKafka, uniqueTopic } from './kafka-container.ts';

const keptForAll = closing(afterAll);
const kept = closing(afterEach);
const login = { username: 'tester', password: randomUUID() };
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'];
let certificates: Certificates;
let environment: Record<string, string>;

beforeAll(async () => {
  certificates = keptForAll(createCertificates());
  const broker = keptForAll(await startKafka({ login, tls: certificates.serverAt('127.0.0.1') }));
  environment = {
    KAFKA_BROKERS: String(broker.config.brokers),
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: certificates.caFile,
    KAFKA_SASL_USERNAME: login.username,
    KAFKA_SASL_PASSWORD: login.password,
  };
});

const configOf = (change: Record<string, string>) =>
  kafkaConfig(readSettings(kafkaSettings, { ...environment, ...change }), 'test');

test.each(mechanisms)('%s over TLS opens a log that is written and read', async (mechanism) => {
  const config = configOf({ KAFKA_SASL_MECHANISM: mechanism });
  const topic = uniqueTopic('locked');
  await ensureTopics(config, { topics: [topic], partitions: 1 });
  const log = kept(await openKafkaLog({ config, topics: [topic] }));
  await log.append([record(topic, 'p', 'hello')]);
  expect((await readAll(log, topic)).map(textOf)).toEqual(['hello']);
});

/** Of a person who forgot it. */
const without = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));
const plain = { KAFKA_SASL_MECHANISM: 'plain' };

test.each<[string, Record<string, string>, string, RegExp]>([
  ...mechanisms.map((mechanism): [string, Record<string, string>, string, RegExp] => [
    `a wrong password for ${mechanism}`,
    { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_PASSWORD: 'wrong' },
    'configuration',
    /authentication failed/,
  ]),
  ['no authority', { ...plain, ...without('KAFKA_SSL_CA_FILE') }, 'configuration', /KAFKA_SSL_CA_FILE/],
  ['no TLS', { ...plain, ...without('KAFKA_SSL', 'KAFKA_SSL_CA_FILE') }, 'dependency', /KAFKA_SSL/],
  ['no login', without('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'), 'dependency', /KAFKA_SASL_MECHANISM/],
])('%s is said', async (_, change, kind, message) => {
  const opening = openKafkaLog({ config: configOf(change), topics: ['any'] }).then(kept);
  await expect(opening).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
});

test('the certificate of another authority or for another name is refused', async () => {
  const brokers = environment.KAFKA_BROKERS?.replace('127.0.0.1', 'localhost') ?? '';
  for (const change of [{ KAFKA_SSL_CA_FILE: certificates.otherCaFile }, { KAFKA_BROKERS: brokers }]) {
    const opening = openKafkaLog({ config: configOf({ ...plain, ...change }), topics: ['any'] }).then(kept);
    await expect(opening).rejects.toMatchObject({ kind: 'configuration' });
  }
});
