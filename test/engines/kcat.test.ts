// What a stranger needs to read our topics: Debian's kcat, which knows nothing of us, subscribes to oura.metrics.v1 on a real Kafka and gets the key,
// the CloudEvents headers and the JSON value that schemas/published promises.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { z } from 'zod';
import { encodeMetrics, metricsTopic } from '../../schemas/metrics-message.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { openKafkaLog } from '../../services/runtime/log/kafka-log.ts';
import { ensureTopics } from '../../services/runtime/log/kafka-topics.ts';
import { ringWith } from '../../services/simulator/testing/life.ts';
import { usualTraps } from '../../services/simulator/traps.ts';
import { closing } from '../support/closing.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';
import { type KafkaBroker, startKafka } from './kafka-container.ts';

const messages = simulatedDocuments({
  ring: ringWith(usualTraps),
  userId: 'anna',
  fromMs: Date.parse('2026-03-26T00:00:00Z'),
  toMs: Date.parse('2026-03-27T12:00:00Z'),
}).flatMap((document) => {
  const normalized = normalizeDocument(document);
  return normalized.ok ? [encodeMetrics(normalized.message, `metrics of ${document.id}`)] : [];
});

/** What kcat prints of a message under -J; headers are names and values by turns. */
const printed = z.object({
  topic: z.string(),
  key: z.string(),
  headers: z.array(z.string()),
  payload: z.string(),
});

const pairs = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));

/** The published schema as a check that says what is wrong; the formats are held by the patterns beside them. */
function published(name: string): (value: unknown) => string {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const path = join(import.meta.dirname, '../../schemas/published', `${name}.schema.json`);
  const check = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
  return (value) => (check(value) ? '' : ajv.errorsText(check.errors));
}

/** Subscribes as a consumer group does, from the beginning, and ends after `count` messages. */
async function subscribeWithKcat(brokers: string, topic: string, count: number) {
  const options = ['-b', brokers, '-J', '-q', '-u', '-c', String(count), '-X', 'auto.offset.reset=earliest'];
  const { stdout } = await promisify(execFile)('kcat', [...options, '-G', 'a-stranger', topic], {
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => printed.parse(JSON.parse(line)));
}

const kept = closing(afterAll);
let broker: KafkaBroker;

beforeAll(async () => {
  broker = kept(await startKafka());
});

test('kcat reads every message as it was appended, and the published schemas hold for each', async () => {
  const { config } = broker;
  await ensureTopics(config, { topics: [metricsTopic], partitions: 3 });
  const log = kept(await openKafkaLog({ config, topics: [metricsTopic] }));
  await log.append(messages);

  expect(messages.length).toBeGreaterThan(20);
  const read = await subscribeWithKcat(String(config.brokers), metricsTopic, messages.length);
  // One person's messages stand in one partition, so their order is the order of the appends.
  expect(read.map(({ key, headers, payload }) => ({ key, headers: pairs(headers), payload }))).toEqual(
    messages.map(({ key, headers, value }) => ({ key, headers, payload: Buffer.from(value ?? []).toString('utf8') })),
  );

  const [headersAreWrong, valueIsWrong] = [published('cloud-event-headers'), published('metrics')];
  for (const { topic, headers, payload } of read) {
    expect(topic).toBe(metricsTopic);
    expect(headersAreWrong(pairs(headers))).toBe('');
    expect(valueIsWrong(JSON.parse(payload))).toBe('');
  }
  expect([headersAreWrong({}), valueIsWrong({})]).not.toContain('');
});
