// The runner against the real embedded log and database in memory.
import { afterEach, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import pino from 'pino';
import { Registry } from 'prom-client';
import { deadLetterTopic } from '../../../schemas/dead-letter.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import { openTestStore } from '../../../test/support/databases.ts';
import { createManualClock, type ManualClock } from '../../../test/support/manual-clock.ts';
import { loadOffset, moveOffset } from '../../storage/consumer-offsets.ts';
import type { StoreDatabase, StoreTables } from '../../storage/tables.ts';
import { Failure } from '../failure.ts';
import type { LogRecord } from '../log/message-log.ts';
import { openSqliteLog, type SqliteLog } from '../log/sqlite-log.ts';
import { type ConsumerDefinition, deadLetter, done, type Outcome, retry } from './consumer.ts';
import type { OffsetStore } from './handle-batch.ts';
import { type RunningConsumer, runConsumer } from './run-consumer.ts';

const topic = 'facts.v1';
const at = { topic, partition: 0 };

interface Bench {
  log: SqliteLog;
  store: StoreDatabase;
  clock: ManualClock;
  registry: Registry;
  failures: Error[];
  offsets: OffsetStore<StoreTables>;
  append(...texts: (string | null)[]): Promise<void>;
  start(
    definition: Partial<ConsumerDefinition<StoreTables>>,
    decide?: (text: string) => Outcome,
  ): Promise<RunningConsumer>;
  /** What the consumer durably handled, in order. */
  handled: string[];
  offset(): Promise<number | undefined>;
  deadLetters(): Promise<LogRecord[]>;
  /** Lets everything that is under way come to rest. */
  settle(): Promise<void>;
}

const benches: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

const text = (record: Pick<LogRecord, 'value'>) => Buffer.from(record.value ?? []).toString();

async function openBench(): Promise<Bench> {
  const clock = createManualClock();
  const log = await openSqliteLog({ path: ':memory:', topics: [topic, deadLetterTopic(topic)], clock });
  const store = await openTestStore();
  const registry = new Registry();
  const failures: Error[] = [];
  const handled: string[] = [];
  const running: RunningConsumer[] = [];
  const bench: Bench = {
    log,
    store,
    clock,
    registry,
    failures,
    handled,
    offsets: { load: loadOffset, move: moveOffset },
    append: async (...texts) => {
      await log.append(
        texts.map(
          (value): WireRecord => ({
            topic,
            partitionKey: 'p',
            key: `p/${value}`,
            value: value === null ? null : Buffer.from(value),
            headers: { ce_id: String(value), ce_partitionkey: 'p' },
          }),
        ),
      );
    },
    start: async (definition, decide = () => done) => {
      const consumer = await runConsumer<StoreTables>({
        definition: {
          name: 'tester',
          topics: [topic],
          handle: async (records) => ({
            outcomes: records.map((record) => decide(text(record))),
            committed: () => void handled.push(...records.map(text)),
          }),
          ...definition,
        },
        log,
        database: store,
        offsets: { load: (...args) => bench.offsets.load(...args), move: moveOffset },
        clock,
        logger: pino({ level: 'silent' }),
        registry,
        onFailure: (error) => failures.push(error),
      });
      running.push(consumer);
      return consumer;
    },
    offset: () => loadOffset(store.read, 'tester', at),
    deadLetters: () => log.read({ topic: deadLetterTopic(topic), partition: 0, offset: 0 }, 1000),
    settle: () => clock.advance(0),
  };
  benches.push({
    close: async () => {
      for (const consumer of running) await consumer.stop();
      await log.close();
      await store.close();
    },
  });
  return bench;
}

test('handles what is there and what comes, and writes the offset with it', async () => {
  const bench = await openBench();
  await bench.append('a', 'b');
  await bench.start({});
  await bench.append('c');
  await bench.settle();
  expect(bench.handled).toEqual(['a', 'b', 'c']);
  expect(await bench.offset()).toBe(3);
});

test('goes on where its offset stands, not where the log begins', async () => {
  const bench = await openBench();
  await bench.append('a', 'b', 'c');
  await bench.store.transaction((tx) => moveOffset(tx, { consumer: 'tester', at, from: undefined, to: 2, nowMs: 0 }));
  await bench.start({});
  await bench.settle();
  expect(bench.handled).toEqual(['c']);
});

test('the write and the offset are one transaction', async () => {
  const bench = await openBench();
  await bench.append('a');
  let isDown = true;
  await bench.start({
    handle: async () => ({
      outcomes: [done],
      write: async (tx) => {
        await tx
          .insertInto('consumer_offsets')
          .values({ consumer: 'written', topic, partition_no: 0, next_offset: 7, updated_at_ms: 0 })
          .execute();
        if (isDown) throw new Failure('dependency', 'the disk is full');
      },
    }),
  });
  await bench.settle();
  expect(await bench.offset()).toBeUndefined();
  expect(await loadOffset(bench.store.read, 'written', at)).toBeUndefined();
  isDown = false;
  await bench.clock.advance(60_000);
  expect(await bench.offset()).toBe(1);
  expect(await loadOffset(bench.store.read, 'written', at)).toBe(7);
});

test('a tombstone is skipped without asking the consumer', async () => {
  const bench = await openBench();
  await bench.append('a', null, 'b', null);
  await bench.start({});
  await bench.settle();
  expect(bench.handled).toEqual(['a', 'b']);
  expect(await bench.offset()).toBe(4);
});

test('a dead letter is stored with its bytes, headers and reason, and the rest goes on', async () => {
  const bench = await openBench();
  await bench.append('a', 'broken', 'b');
  await bench.start({}, (value) => (value === 'broken' ? deadLetter('unreadable', 'no JSON') : done));
  await bench.settle();
  const [letter, ...others] = await bench.deadLetters();
  expect(others).toEqual([]);
  expect(letter && text(letter)).toBe('broken');
  expect(letter?.headers).toMatchObject({
    ce_id: 'broken',
    dlq_reason: 'unreadable',
    dlq_consumer: 'tester',
    dlq_offset: '1',
  });
  expect(await bench.offset()).toBe(3);
});

test('poison in a batch is found, alone becomes a dead letter, and what stands around it is handled in order', async () => {
  const bench = await openBench();
  const texts = Array.from({ length: 20 }, (_, i) => (i === 4 || i === 13 ? `bad ${i}` : `${i}`));
  await bench.append(...texts);
  const seen: string[] = [];
  await bench.start({
    handle: async (records) => {
      if (records.some((each) => text(each).startsWith('bad'))) throw new TypeError('cannot read it');
      return { outcomes: records.map(() => done), committed: () => void seen.push(...records.map(text)) };
    },
  });
  await bench.settle();
  expect(seen).toEqual(texts.filter((value) => !value.startsWith('bad')));
  expect((await bench.deadLetters()).map(text)).toEqual(['bad 4', 'bad 13']);
  expect(await bench.offset()).toBe(20);
});

test('poison that only the store notices is found as well', async () => {
  const bench = await openBench();
  await bench.append('a', 'too long', 'b');
  await bench.start({
    handle: async (records) => ({
      outcomes: records.map(() => done),
      write: async () => {
        if (records.some((each) => text(each) === 'too long')) throw new Failure('poison', 'value too long');
      },
      committed: () => void bench.handled.push(...records.map(text)),
    }),
  });
  await bench.settle();
  expect(bench.handled).toEqual(['a', 'b']);
  expect((await bench.deadLetters())[0]?.headers.dlq_reason).toBe('refused_by_store');
});

test('a dependency that is down is waited for with growing pauses, nothing is dead-lettered, and it resumes alone', async () => {
  const bench = await openBench();
  await bench.append('a');
  let tries = 0;
  let isDown = true;
  const consumer = await bench.start({
    handle: async (records) => {
      tries += 1;
      if (isDown) throw new Failure('dependency', 'InfluxDB is down');
      return { outcomes: [done], committed: () => void bench.handled.push(...records.map(text)) };
    },
  });
  await bench.clock.advance(240);
  expect(tries).toBe(1);
  expect(consumer.health()).toMatchObject({ alive: true, ready: false });
  expect(consumer.health().problems.join()).toMatch('InfluxDB is down');
  await bench.clock.advance(10 * 60_000);
  expect(tries).toBeGreaterThan(8);
  expect(tries).toBeLessThan(40);
  isDown = false;
  await bench.clock.advance(60_000);
  expect(bench.handled).toEqual(['a']);
  expect(await bench.deadLetters()).toEqual([]);
  expect(consumer.health()).toEqual({ alive: true, ready: true, problems: [] });
});

test('a message that wants to come later holds what follows, while what stood before it is committed', async () => {
  const bench = await openBench();
  await bench.append('a', 'later', 'b');
  let isLocked = true;
  await bench.start({}, (value) => (value === 'later' && isLocked ? retry('locked') : done));
  await bench.settle();
  expect(bench.handled).toEqual(['a']);
  expect(await bench.offset()).toBe(1);
  isLocked = false;
  await bench.clock.advance(1000);
  expect(bench.handled).toEqual(['a', 'later', 'b']);
});

test('a matter of configuration stops the consumer, which says so, and nothing is skipped', async () => {
  const bench = await openBench();
  await bench.append('a');
  const consumer = await bench.start({
    handle: async () => {
      throw new Failure('configuration', 'password authentication failed');
    },
  });
  await bench.settle();
  await bench.append('b');
  await bench.settle();
  expect(bench.failures.map(({ message }) => message)).toEqual(['password authentication failed']);
  expect(consumer.health()).toMatchObject({ alive: false, ready: false });
  expect(consumer.health().problems.join()).toMatch('password authentication failed');
  expect(await bench.offset()).toBeUndefined();
});

test('fifty dead letters in a row stop the consumer after the fiftieth is stored', async () => {
  const bench = await openBench();
  await bench.append(...Array.from({ length: 70 }, (_, i) => `bad ${i}`));
  const consumer = await bench.start({}, () => deadLetter('unreadable', 'no JSON'));
  await bench.settle();
  expect(await bench.deadLetters()).toHaveLength(50);
  expect(await bench.offset()).toBe(50);
  expect(bench.failures).toHaveLength(1);
  expect(consumer.health()).toMatchObject({ alive: true, ready: false });
});

test('a zombie writes nothing and goes on from where the other member is', async () => {
  const bench = await openBench();
  await bench.append('a', 'b', 'c');
  const gate = Promise.withResolvers<void>();
  const written: string[] = [];
  await bench.start({
    handle: async (records) => {
      const texts = records.map(text);
      if (texts.includes('a')) await gate.promise;
      return { outcomes: texts.map(() => done), write: async () => void written.push(...texts) };
    },
  });
  await bench.settle();
  await bench.store.transaction((tx) => moveOffset(tx, { consumer: 'tester', at, from: undefined, to: 2, nowMs: 0 }));
  gate.resolve();
  await bench.settle();
  expect(written).toEqual(['c']);
  expect(await bench.offset()).toBe(3);
});

test('the lag of a zombie ends when the other member has handled everything', async () => {
  const bench = await openBench();
  await bench.append('a', 'b');
  const gate = Promise.withResolvers<void>();
  await bench.start({
    handle: async (records) => {
      await gate.promise;
      return { outcomes: records.map(() => done) };
    },
  });
  await bench.settle();
  await bench.store.transaction((tx) => moveOffset(tx, { consumer: 'tester', at, from: undefined, to: 2, nowMs: 0 }));
  gate.resolve();
  await bench.settle();
  expect(await bench.registry.metrics()).toContain(
    'oura_consumer_lag_messages{consumer="tester",topic="facts.v1",partition="0"} 0',
  );
});

test('dead letters are stored before the offset moves: while they cannot be, it waits', async () => {
  const bench = await openBench();
  await bench.append('bad');
  let isFull = true;
  const { append } = bench.log;
  bench.log.append = async (records) => {
    if (isFull) throw new Failure('dependency', 'the log is full');
    return append(records);
  };
  await bench.start({}, () => deadLetter('unreadable', 'no JSON'));
  await bench.settle();
  expect(await bench.offset()).toBeUndefined();
  isFull = false;
  await bench.clock.advance(1000);
  expect(await bench.offset()).toBe(1);
  expect(await bench.deadLetters()).toHaveLength(1);
});

test('an offset beyond the end of the log is refused instead of skipping what comes', async () => {
  const bench = await openBench();
  await bench.append('a');
  await bench.store.transaction((tx) => moveOffset(tx, { consumer: 'tester', at, from: undefined, to: 9, nowMs: 0 }));
  await bench.start({});
  await bench.settle();
  expect(bench.failures[0]?.message).toMatch('the log ends at 1');
});

test('a database that is down when a partition is given to us is waited for', async () => {
  const bench = await openBench();
  await bench.append('a');
  bench.offsets.load = async () => {
    throw new Failure('dependency', 'PostgreSQL is starting up');
  };
  const consumer = await bench.start({});
  await bench.clock.advance(10_000);
  expect(bench.handled).toEqual([]);
  expect(bench.failures).toEqual([]);
  bench.offsets.load = loadOffset;
  await bench.clock.advance(2000);
  expect(bench.handled).toEqual(['a']);
  expect(consumer.health().ready).toBe(true);
});

test('a batch that hangs is seen by the liveness probe', async () => {
  const bench = await openBench();
  const gate = Promise.withResolvers<void>();
  await bench.append('a');
  const consumer = await bench.start({
    handle: async () => {
      await gate.promise;
      return { outcomes: [done] };
    },
  });
  await bench.clock.advance(4 * 60_000);
  expect(consumer.health().alive).toBe(true);
  await bench.clock.advance(2 * 60_000);
  expect(consumer.health().alive).toBe(false);
  gate.resolve();
  await bench.settle();
  expect(consumer.health().alive).toBe(true);
});

test('outcomes, lag and latency are counted', async () => {
  const bench = await openBench();
  await bench.append('a', 'bad', 'later');
  await bench.start({}, (value) => {
    if (value === 'bad') return deadLetter('unreadable', 'no JSON');
    return value === 'later' ? retry('locked') : done;
  });
  await bench.clock.advance(5000);
  const lines = (await bench.registry.metrics()).split('\n');
  const labels = 'consumer="tester",topic="facts.v1"';
  expect(lines).toContain(`oura_consumer_messages_total{${labels},outcome="done",reason=""} 1`);
  expect(lines).toContain(`oura_consumer_messages_total{${labels},outcome="dead-letter",reason="unreadable"} 1`);
  expect(lines).toContain(`oura_consumer_lag_messages{${labels},partition="0"} 1`);
  expect(lines).toContain(`oura_consumer_lag_seconds{${labels},partition="0"} 5`);
  expect(lines).toContain('oura_consumer_latency_seconds_count{consumer="tester"} 2');
});

test.each([
  { name: 'what comes again from the log waits for no disk', isTold: false, synchronous: 1 },
  { name: 'what people are told of is synced first', isTold: true, synchronous: 2 },
])('$name', async ({ isTold, synchronous }) => {
  const bench = await openBench();
  const found: unknown[] = [];
  await bench.start({
    isTold,
    handle: async (records) => ({
      outcomes: records.map(() => done),
      write: async (tx) => {
        const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(tx);
        found.push(rows[0]?.synchronous);
      },
    }),
  });
  await bench.append('a');
  await bench.settle();
  expect(found).toEqual([synchronous]);
});

test.each([true, false])('tells the database whether it only writes: %p', async (writesOnly) => {
  const bench = await openBench();
  const transaction = jest.spyOn(bench.store, 'transaction');
  await bench.start({ writesOnly });
  await bench.append('a');
  await bench.settle();
  expect(transaction.mock.calls.map(([, options]) => options?.writesOnly)).toEqual([writesOnly]);
});
