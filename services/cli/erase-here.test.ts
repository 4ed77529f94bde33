// Erasing a person, on real SQLite in memory: complete, whatever dies in between, and for good.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { topicNames } from '../../schemas/topics.ts';
import { recordedContext } from '../../test/support/command-context.ts';
import { openTestState, openTestStore } from '../../test/support/databases.ts';
import {
  everyMessage,
  everyRow,
  leaveTraces,
  placesOf,
  readByConsumers,
  type Wearer,
} from '../../test/support/person-traces.ts';
import { archiveConsumer } from '../archive/archive-consumer.ts';
import { createOutboxPublisher } from '../ingest/versions/outbox-publisher.ts';
import { recordDocuments } from '../ingest/versions/record-documents.ts';
import { normalizeConsumer } from '../normalize/normalize-consumer.ts';
import { systemClock } from '../runtime/clock.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { createSecrets } from '../runtime/secrets.ts';
import { withoutErased } from '../storage/erasure/without-erased.ts';
import { findErasure } from '../storage/erasures.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { findPerson } from '../storage/people.ts';
import { refillStore } from '../storage/rebuild/refill-store.ts';
import type { OpenPipeline } from './access.ts';
import { eraseHere } from './erase-here.ts';

const dayMs = 86_400_000;
const secrets = createSecrets([randomBytes(32)]);
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Home {
  pipeline: OpenPipeline;
  anna: Wearer;
  ben: Wearer;
  /** Moves the clock of the log. */
  later(ms: number): void;
  erase(pipeline?: OpenPipeline): Promise<boolean | null>;
  /** Where Anna's marks stand. */
  left(): Promise<string[]>;
}

async function openHome(): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'erase-'));
  closers.push(() => rmSync(folder, { recursive: true }));
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const log = await openSqliteLog({ path: ':memory:', topics: topicNames, clock });
  const [store, state] = [await openTestStore(), await openTestState()];
  for (const engine of [log, store, state]) closers.push(() => engine.close());
  const pipeline: OpenPipeline = {
    ...{ log, store, state, metricStore: createSqlMetricStore(store), close: async () => {} },
    ...{ logger: createLogger({ level: 'silent', name: 'test' }), registry: new Registry() },
  };
  const ben = await leaveTraces(pipeline, 'Ben', secrets);
  const anna = await leaveTraces(pipeline, 'Anna', secrets);
  await readByConsumers(pipeline);
  const person = { ...anna, createdAtMs: 0 };
  return {
    ...{ pipeline, anna, ben },
    later: (ms) => {
      aheadMs += ms;
    },
    erase: (through = pipeline) => eraseHere(recordedContext({ DATA_DIR: folder }), through, person),
    left: async () => [...placesOf(await everyRow(pipeline), anna), ...placesOf(await everyMessage(pipeline), anna)],
  };
}

/** Tables that name nobody, or (offsets) only consumers. */
const namesNobody = [
  'state.alert_notes',
  'state.consumer_offsets',
  'state.erased_ids',
  'state.handled_notifications',
  'state.leases',
  'state.webhook_subscriptions',
  'store.consumer_offsets',
  // Of the engines of the stack.
  'store.metric_buckets',
  'store.metric_ledger',
];

test('nothing of an erased person is left in any table or topic, and everything of others is', async () => {
  const { pipeline, anna, ben, later, erase, left } = await openHome();
  const rowsBefore = await everyRow(pipeline);
  const filled = placesOf(rowsBefore, anna);
  expect([...rowsBefore.keys()].filter((table) => !namesNobody.includes(table) && !filled.includes(table))).toEqual([
    'state.erasures',
  ]);
  expect(placesOf(await everyMessage(pipeline), anna)).toEqual([
    'oura.notifications.v1',
    'oura.documents.v1',
    'oura.metrics.v1',
    'oura.alerts.v1',
    'oura.documents.v1.dlq',
  ]);
  const ofBen = (all: Map<string, string[]>) =>
    [...all].map(([place, lines]) => [place, lines.filter((line) => ben.marks.some((mark) => line.includes(mark)))]);

  await erase();
  expect(placesOf(await everyRow(pipeline), anna)).toEqual([]);
  expect(ofBen(await everyRow(pipeline))).toEqual(ofBen(rowsBefore));
  // For a day tombstones name her keys, and hold no byte of what was said.
  const messages = [...(await everyMessage(pipeline)).values()].flat().map((line) => JSON.parse(line));
  expect(messages.filter(({ key, value }) => value !== null && key.startsWith(anna.userId))).toEqual([]);
  later(dayMs + 1);
  await pipeline.log.compact?.();
  expect(await left()).toEqual([]);
  expect(placesOf(await everyMessage(pipeline), ben)).toHaveLength(5);
});

test('a rebuild brings nothing back, though the log still holds every message', async () => {
  const { pipeline, anna, ben, erase } = await openHome();
  const { compact: _, ...log } = pipeline.log;
  await erase({ ...pipeline, log });
  expect(placesOf(await everyMessage(pipeline), anna)).not.toEqual([]);
  const store = await openTestStore();
  closers.push(() => store.close());
  const metricStore = createSqlMetricStore(store);
  await refillStore({
    ...{ log, store, clock: systemClock },
    definitions: [
      withoutErased(archiveConsumer({ archived: () => {} }), pipeline.state),
      withoutErased(normalizeConsumer({ metricStore }), pipeline.state),
    ],
  });
  const rows = await everyRow({ ...pipeline, store });
  expect(placesOf(rows, anna)).toEqual([]);
  expect(placesOf(rows, ben)).toContain('store.metric_rows');
});

test('what was asked of Oura before the erasure and comes after it is not kept', async () => {
  const { pipeline, anna, erase, left } = await openHome();
  await erase();
  const before = await left();
  const outbox = createOutboxPublisher(pipeline);
  const recorded = await recordDocuments(
    { ...pipeline, outbox, clock: systemClock },
    {
      ...{ userId: anna.userId, resource: 'sleep', beganAtMs: Date.now(), via: 'poll' },
      documents: [{ objectId: 'late', bytes: Buffer.from('{"id":"late"}') }],
    },
  );
  expect(recorded.appended).toBe(0);
  expect(await left()).toEqual(before);
});

/** The engines of a process that is killed at its `n`-th write, before it or after it. */
function dyingAt(n: number, when: 'before' | 'after', { state, store, log, metricStore, ...rest }: OpenPipeline) {
  let writes = 0;
  const killed =
    <Args extends unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      writes += 1;
      if (writes > n || (writes === n && when === 'before')) throw new Error('killed');
      const result = await write(...args);
      if (writes === n) throw new Error('killed');
      return result;
    };
  const pipeline: OpenPipeline = {
    ...rest,
    state: {
      ...state,
      read: state.read,
      transaction: killed((work) => state.transaction(work)) as typeof state.transaction,
    },
    store: {
      ...store,
      read: store.read,
      transaction: killed((work) => store.transaction(work)) as typeof store.transaction,
    },
    metricStore: { ...metricStore, erase: killed((user) => metricStore.erase(user)) },
    log: { ...log, append: killed((records) => log.append(records)) },
  };
  return { pipeline, reached: () => writes };
}

test.each(['before', 'after'] as const)(
  'killed %s any of its writes, it is done when it is called again',
  async (when) => {
    let kills = 0;
    for (let n = 1; ; n += 1) {
      const { pipeline, anna, later, erase, left } = await openHome();
      const dying = dyingAt(n, when, pipeline);
      const died = await erase(dying.pipeline).then(
        () => false,
        () => true,
      );
      if (!died) break;
      kills += 1;
      const { read } = pipeline.state;
      // By name it is found again, as a person or as an erasure at hand.
      const found = (await findPerson(read, 'Anna')) ?? (await findErasure(read, 'Anna'));
      if (found) expect(found.userId).toBe(anna.userId);
      else expect(placesOf(await everyRow(pipeline), anna)).toEqual([]);
      await erase();
      later(dayMs + 1);
      await pipeline.log.compact?.();
      expect(await left()).toEqual([]);
    }
    expect(kills).toBeGreaterThan(8);
  },
);
