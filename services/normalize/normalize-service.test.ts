// The service against the real embedded log, database and metric store in memory.
import { afterEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { Registry } from 'prom-client';
import { deadLetterTopic } from '../../schemas/dead-letter.ts';
import { type DocumentMessage, documentsTopic, encodeDocument } from '../../schemas/document.ts';
import { decodeMetrics, metricsTopic } from '../../schemas/metrics-message.ts';
import { openTestState, openTestStore } from '../../test/support/databases.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { Failure } from '../runtime/failure.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { messageId, normalizeConsumer } from './normalize-consumer.ts';
import { createNormalize } from './normalize-service.ts';

const topics = [documentsTopic, metricsTopic, deadLetterTopic(documentsTopic)];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openBench(change: (store: MetricStore) => MetricStore = (store) => store) {
  const clock = createManualClock();
  const log = await openSqliteLog({ path: ':memory:', topics, clock });
  const store = await openTestStore();
  const state = await openTestState();
  const metricStore = createSqlMetricStore(store);
  const registry = new Registry();
  const logger = pino({ level: 'silent' });
  const service = createNormalize({ log, store, state, metricStore: change(metricStore), clock, logger, registry });
  closers.push(
    () => log.close(),
    () => store.close(),
    () => state.close(),
    () => service.stop(),
  );
  return {
    log,
    service,
    registry,
    clock,
    append: (...documents: DocumentMessage[]) => log.append(documents.map((document) => encodeDocument(document))),
    published: async () => (await log.read({ topic: metricsTopic, partition: 0, offset: 0 }, 100)).map((r) => r),
    deadLetters: () => log.read({ topic: deadLetterTopic(documentsTopic), partition: 0, offset: 0 }, 100),
    async points() {
      const points = [];
      for await (const { start, metric, value } of metricStore.query({})) points.push(`${start} ${metric} ${value}`);
      return points;
    },
    /** Lets everything that is under way come to rest. */
    settle: () => clock.advance(0),
  };
}

const spo2 = (sequence: number, average: number | string, more: Partial<DocumentMessage> = {}): DocumentMessage => ({
  id: `ce-${sequence}`,
  userId: 'wearer',
  resource: 'daily_spo2',
  objectId: 'x',
  sequence,
  time: '2026-11-23T07:00:00Z',
  via: 'webhook',
  deleted: false,
  bytes: Buffer.from(JSON.stringify({ day: '2026-11-22', spo2_percentage: { average } })),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ...more,
});

test('a version replaces what the earlier one said, in the store and on the topic', async () => {
  const bench = await openBench();
  await bench.append(spo2(1, 96), spo2(2, 95));
  await bench.service.start();
  await bench.settle();
  expect(await bench.points()).toEqual(['2026-11-22 oxygen_saturation 95']);
  await bench.append(spo2(3, 0, { deleted: true, bytes: Buffer.from('{"resource":"daily_spo2","object_id":"x"}') }));
  await bench.settle();
  expect(await bench.points()).toEqual([]);
  const published = await bench.published();
  expect(published.map((record) => record.headers.ce_id)).toEqual(['ce-1', 'ce-2', 'ce-3'].map(messageId));
  expect(published.map((record) => record.headers.traceparent)).toEqual(Array(3).fill(spo2(1, 1).traceparent));
  expect(published.map((record) => decodeMetrics(record).points.map((point) => point.value))).toEqual([[96], [95], []]);
  expect(new Set(published.map((record) => record.key))).toEqual(new Set(['wearer/daily_spo2/x']));
});

test('a document that cannot be read becomes a dead letter with its reason, and the rest goes on', async () => {
  const bench = await openBench();
  await bench.append(spo2(1, 'low'), spo2(1, 97, { objectId: 'y' }));
  await bench.service.start();
  await bench.settle();
  const [letter] = await bench.deadLetters();
  expect(letter?.headers.dlq_reason).toBe('unexpected_shape');
  expect(letter?.headers.dlq_error).toMatch(/spo2_percentage\.average/);
  expect(letter?.value).toEqual(new Uint8Array(spo2(1, 'low').bytes));
  expect(await bench.points()).toEqual(['2026-11-22 oxygen_saturation 97']);
});

test('while the metric store is down nothing is published and nothing is lost', async () => {
  let isDown = true;
  const bench = await openBench((store) => ({
    ...store,
    apply: (messages) => (isDown ? Promise.reject(new Failure('dependency', 'down')) : store.apply(messages)),
  }));
  await bench.append(spo2(1, 96));
  await bench.service.start();
  await bench.settle();
  expect([await bench.published(), await bench.points()]).toEqual([[], []]);
  expect(bench.service.health().ready).toBe(false);
  isDown = false;
  await bench.clock.advance(60_000);
  expect(await bench.points()).toEqual(['2026-11-22 oxygen_saturation 96']);
  expect(await bench.published()).toHaveLength(1);
  expect(bench.service.health()).toEqual({ alive: true, ready: true, problems: [] });
});

test('a version that was stored but not published before a crash is published after it', async () => {
  const bench = await openBench();
  await bench.append(spo2(1, 96));
  const store = await openTestStore();
  closers.push(() => store.close());
  const metricStore = createSqlMetricStore(store);
  const published: unknown[] = [];
  let dies = true;
  const consumer = normalizeConsumer({
    metricStore,
    publish: async (records) => {
      if (dies) throw new Failure('dependency', 'died');
      published.push(...records.map((record) => record.headers.ce_id));
    },
  });
  const records = await bench.log.read({ topic: documentsTopic, partition: 0, offset: 0 }, 10);
  await expect(consumer.handle(records, 0)).rejects.toThrow('died');
  dies = false;
  await consumer.handle(records, 0);
  await consumer.handle(records, 0);
  expect(published).toEqual([messageId('ce-1'), messageId('ce-1')]);
});

test('a word that no codebook lists is counted by its field', async () => {
  const bench = await openBench();
  const bytes = Buffer.from('{"day":"2026-11-22","day_summary":"overwhelmed"}');
  await bench.append(spo2(1, 0, { resource: 'daily_stress', bytes }));
  await bench.service.start();
  await bench.settle();
  expect(await bench.registry.getSingleMetricAsString('oura_normalize_unknown_words_total')).toMatch(
    'oura_normalize_unknown_words_total{field="daily_stress.day_summary"} 1',
  );
});
