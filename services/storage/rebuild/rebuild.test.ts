// A simulated period of two persons, with edits, deletions and late syncs, goes through the log into a store; the rebuilt store must say the same, byte
// for byte. Then what a rebuild may not do: publish, touch the serving store before the end, stop at a bad message.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadLetterTopic } from '../../../schemas/dead-letter.ts';
import { type DocumentMessage, documentsTopic, encodeDocument } from '../../../schemas/document.ts';
import { notificationsTopic } from '../../../schemas/notification.ts';
import { topicNames } from '../../../schemas/topics.ts';
import { openTestStore } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { simulatedDocuments } from '../../../test/support/simulated-documents.ts';
import { archiveConsumer } from '../../archive/archive-consumer.ts';
import { exportTidy } from '../../export/export-tidy.ts';
import { normalizeConsumer } from '../../normalize/normalize-consumer.ts';
import { normalizeDocument } from '../../normalize/normalize-document.ts';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import { openSqliteLog, type SqliteLog } from '../../runtime/log/sqlite-log.ts';
import { ringWith } from '../../simulator/testing/life.ts';
import { usualTraps } from '../../simulator/traps.ts';
import { loadOffset } from '../consumer-offsets.ts';
import type { MetricStore } from '../metric-store/metric-store.ts';
import { createSqlMetricStore } from '../metric-store/sql-metric-store.ts';
import { storeMigrations } from '../migrations/store-migrations.ts';
import type { StoreDatabase, StoreTables } from '../tables.ts';
import { metricsInTables, rebuildStore } from './rebuild-store.ts';
import { refillStore } from './refill-store.ts';
import { sqliteTarget } from './sqlite-target.ts';

const clock = createManualClock();
const folder = mkdtempSync(join(tmpdir(), 'oura-rebuild-'));
const period = { fromMs: Date.parse('2026-03-23T00:00:00Z'), toMs: Date.parse('2026-04-02T00:00:00Z') };
const people = ['anna', 'ben'].map((userId, index) =>
  simulatedDocuments({ ring: ringWith(usualTraps, { ouraUserId: userId }, 5 + index), userId, ...period }),
);
const documents = people.flat().sort((a, b) => a.time.localeCompare(b.time));

const definitions = (metricStore: MetricStore) => [
  archiveConsumer({ archived: () => {} }),
  normalizeConsumer({ metricStore }),
];

async function tidy(store: StoreDatabase, asOfMs?: number): Promise<string> {
  const chunks: string[] = [];
  const parts = {
    metricStore: createSqlMetricStore(store),
    archive: store.read,
    normalize: (document: DocumentMessage) => {
      const normalized = normalizeDocument(document);
      return normalized.ok ? normalized.message : undefined;
    },
    async openScratch() {
      const scratch = await openTestStore();
      return { ...createSqlMetricStore(scratch), close: () => scratch.close() };
    },
  };
  for await (const chunk of exportTidy(parts, { asOfMs })) chunks.push(chunk);
  return chunks.join('');
}

async function filled(log: SqliteLog): Promise<StoreDatabase> {
  const store = await openTestStore();
  await refillStore({ log, store, clock, definitions: definitions(createSqlMetricStore(store)) });
  return store;
}

let log: SqliteLog;
let store: StoreDatabase;
let expected: string;
const path = join(folder, 'store.db');
const rebuild = { clock, definitions, target: sqliteTarget(path), metrics: metricsInTables(createSqlMetricStore) };

beforeAll(async () => {
  log = await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 6, clock });
  await log.append(documents.map((document) => encodeDocument(document)));
  store = await openSqliteDatabase<StoreTables>({ path, migrations: storeMigrations });
  await refillStore({ log, store, clock, definitions: definitions(createSqlMetricStore(store)) });
  expected = await tidy(store);
}, 60_000);

afterAll(async () => {
  await store.close();
  await log.close();
  rmSync(folder, { recursive: true });
});

test('the period has edits and deletions, and the export is large', () => {
  expect(documents.filter((document) => document.deleted).length).toBeGreaterThan(0);
  expect(documents.filter((document) => document.sequence > 3).length).toBeGreaterThan(20);
  expect(expected.split('\n').length).toBeGreaterThan(20_000);
});

test('the wearer’s points are those of each document’s last version alone', async () => {
  const last = new Map(
    documents.map((document) => [`${document.userId}/${document.resource}/${document.objectId}`, document]),
  );
  const alone = await openTestStore();
  const metricStore = createSqlMetricStore(alone);
  await metricStore.apply(
    [...last.values()].flatMap((document) => {
      const normalized = normalizeDocument(document);
      return normalized.ok ? [normalized.message] : [];
    }),
  );
  expect((await tidy(alone)) === expected).toBe(true);
  await alone.close();
}, 30_000);

test('a rebuild says the same, byte for byte, and publishes nothing', async () => {
  const before = await Promise.all(topicNames.map((topic) => log.ranges(topic)));
  await createSqlMetricStore(store).apply([
    {
      ...stray,
      points: [{ metric: 'steps', aggregation: 'daily_total', unit: '{steps}', start: '2026-03-25', value: 1 }],
    },
  ]);
  expect((await tidy(store)) === expected).toBe(false);
  const seen: number[] = [];
  const report = await rebuildStore({ ...rebuild, log, onProgress: ({ done }) => seen.push(done) });
  expect((await tidy(store)) === expected).toBe(true);
  expect(report).toEqual({ archive: { done: documents.length }, normalize: { done: documents.length } });
  expect(seen.at(-1)).toBe(2 * documents.length);
  expect(await Promise.all(topicNames.map((topic) => log.ranges(topic)))).toEqual(before);
}, 60_000);

const stray = {
  user_id: 'anna',
  resource: 'daily_activity' as const,
  object_id: 'never in the log',
  document: 'ce',
  version: 1,
  known_at: '2026-03-25T00:00:00Z',
  via: 'poll',
  deleted: false,
  series: [],
};

test('what was known then is what a store of then said', async () => {
  const asOf = '2026-03-29T09:00:00.000Z';
  const then = await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 1, clock });
  await then.append(documents.filter((document) => document.time <= asOf).map((document) => encodeDocument(document)));
  const storeOfThen = await filled(then);
  const said = await tidy(storeOfThen);
  expect(said.length).toBeGreaterThan(1_000_000);
  expect((await tidy(store, Date.parse(asOf))) === said).toBe(true);
  await storeOfThen.close();
  await then.close();
}, 60_000);

test('duplicates, and another order among persons, change nothing', async () => {
  const few = people.map((own) => own.filter((document) => document.resource !== 'heartrate').slice(0, 80));
  const apply = async (messages: DocumentMessage[], batch: number) => {
    const other = await openTestStore();
    const metricStore = createSqlMetricStore(other);
    const metrics = messages.flatMap((document) => {
      const normalized = normalizeDocument(document);
      return normalized.ok ? [normalized.message] : [];
    });
    for (let from = 0; from < metrics.length; from += batch) await metricStore.apply(metrics.slice(from, from + batch));
    const text = await tidy(other);
    await other.close();
    return text;
  };
  const clean = await apply(few.flat(), 1000);
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(fc.nat({ max: 9 })),
      fc.integer({ min: 1, max: 200 }),
      async (choices, batch) => {
        const left = few.map((own) => [...own]);
        const mixed: DocumentMessage[] = [];
        for (const choice of choices) {
          const queue = left[choice % 2]?.length ? left[choice % 2] : left[(choice + 1) % 2];
          const next = queue?.shift();
          if (!next) break;
          mixed.push(next);
          // A redelivery brings an earlier stretch of the same person again.
          if (choice === 9) mixed.push(...mixed.slice(-20).filter((document) => document.userId === next.userId));
        }
        expect((await apply(mixed, batch)) === clean).toBe(true);
      },
    ),
    { numRuns: 5 },
  );
}, 60_000);

test('a message that can never be handled is counted, and the rest goes on, however many there are', async () => {
  const broken = await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 1, clock });
  const [first] = documents;
  if (!first) throw new Error('no documents');
  const bad = Array.from(
    { length: 120 },
    (_, index): DocumentMessage => ({
      ...first,
      id: `bad-${index}`,
      objectId: `bad-${index}`,
      bytes: Buffer.from('{'),
    }),
  );
  await broken.append([...bad, ...documents.slice(0, 50)].map((document) => encodeDocument(document)));
  const target = await openTestStore();
  const metricStore = createSqlMetricStore(target);
  const report = await refillStore({ log: broken, store: target, clock, definitions: definitions(metricStore) });
  expect(report).toEqual({ archive: { done: 170 }, normalize: { done: 50, not_json: 120 } });
  expect((await broken.ranges(deadLetterTopic(documentsTopic)))[0]?.next).toBe(0);
  await target.close();
  await broken.close();
});

test('a rebuild that is interrupted leaves the serving store as it was', async () => {
  const stop = new AbortController();
  const killed = rebuildStore({
    ...rebuild,
    log,
    signal: stop.signal,
    onProgress: ({ done }) => done > 1000 && stop.abort(new Error('killed')),
  });
  await expect(killed).rejects.toThrow('killed');
  expect((await tidy(store)) === expected).toBe(true);
  const at = { topic: notificationsTopic, partition: 0 };
  expect(await loadOffset(store.read, 'archive', at)).toBeUndefined();
}, 60_000);

test('a refill goes on where the earlier one ended', async () => {
  const target = await openTestStore();
  const stop = new AbortController();
  const parts = { log, store: target, clock, definitions: definitions(createSqlMetricStore(target)) };
  const onProgress = ({ done }: { done: number }) => done > 1000 && stop.abort(new Error('killed'));
  await expect(refillStore({ ...parts, signal: stop.signal, onProgress })).rejects.toThrow('killed');
  const report = await refillStore(parts);
  expect(report.archive?.done ?? 0).toBeLessThan(documents.length);
  expect((await tidy(target)) === expected).toBe(true);
  await target.close();
}, 60_000);
