// What is particular to the embedded log: the file, another process, overload.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from '@jest/globals';
import { failureKind } from '../failure.ts';
import { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './sqlite-log.ts';

const topic = 'facts.v1';
const record = (name: string, value: Uint8Array | null = Buffer.from(name)) => ({
  topic,
  partitionKey: name,
  key: name,
  value,
  headers: { ce_id: name },
});

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function newPath() {
  const directory = await mkdtemp(join(tmpdir(), 'oura-log-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  return join(directory, 'log.db');
}

async function open(path: string, options: Partial<SqliteLogOptions> = {}): Promise<SqliteLog> {
  const log = await openSqliteLog({ path, topics: [topic], ...options });
  cleanups.push(() => log.close());
  return log;
}

test('a topic keeps the number of partitions it was made with, a new one gets the number asked for', async () => {
  const path = await newPath();
  await (await open(path, { partitions: 3 })).close();
  const log = await open(path, { topics: [topic, 'later.v1'], partitions: 6 });
  expect(await log.ranges(topic)).toHaveLength(3);
  expect(await log.ranges('later.v1')).toHaveLength(6);
});

test('what another process appends is delivered without a restart', async () => {
  const path = await newPath();
  const log = await open(path);
  const arrived = Promise.withResolvers<string>();
  await log.subscribe({
    group: 'reader',
    topics: [topic],
    startOffset: async () => 'earliest',
    onBatch: async ({ records }) => {
      arrived.resolve(records[0]?.key ?? '');
      return { nextOffset: (records.at(-1)?.offset ?? 0) + 1 };
    },
    onFailure: arrived.reject,
  });
  const other = await open(path);
  await other.append([record('by another')]);
  expect(await arrived.promise).toBe('by another');
});

test('two writers of one file share its offsets without a gap or a clash', async () => {
  const path = await newPath();
  const logs = [await open(path), await open(path)];
  const positions = await Promise.all(
    Array.from({ length: 40 }, (_, i) => logs[i % 2]?.append([record(`r${i}`)]) ?? Promise.resolve([])),
  );
  const offsets = positions.flat().map(({ offset }) => offset);
  expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test('more than the bound is refused at once as a dependency that is busy, and taken again later', async () => {
  const log = await open(await newPath(), { limits: { maxRecords: 10, maxBytes: 1_000_000 } });
  const results = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => log.append([record(`r${i}`)])));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [failureKind(result.reason)] : []));
  expect(refused).toHaveLength(20);
  expect(new Set(refused)).toEqual(new Set(['dependency']));
  await expect(log.append([record('later')])).resolves.toHaveLength(1);
});

test('a file that is no log is refused with its name', async () => {
  const path = await newPath();
  const other = new DatabaseSync(path);
  other.exec('pragma user_version = 99');
  other.close();
  const opened = openSqliteLog({ path, topics: [topic] });
  await expect(opened).rejects.toThrow('format 99');
  await expect(openSqliteLog({ path: '/', topics: [] })).rejects.toThrow('cannot open the log /');
});

test('the log is readable by any SQLite tool', async () => {
  const path = await newPath();
  const log = await open(path);
  await log.append([record('a'), record('b')]);
  const reader = new DatabaseSync(path, { readOnly: true });
  const rows = reader
    .prepare('select topic, partition_no, offset_no, key, encoding from messages order by offset_no')
    .all();
  reader.close();
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { topic, partition_no: 0, offset_no: 0, key: 'a', encoding: 'plain' },
    { topic, partition_no: 0, offset_no: 1, key: 'b', encoding: 'plain' },
  ]);
});

test('compaction runs beside appends in the writer thread', async () => {
  const log = await open(await newPath());
  for (let version = 0; version < 30; version += 1) {
    await log.append(Array.from({ length: 100 }, (_, key) => ({ ...record(`k${key}`), partitionKey: 'p' })));
  }
  const compacting = log.compact();
  const rangeAfter = async () => (await log.ranges(topic))[0];
  while (((await rangeAfter())?.earliest ?? 0) < 2000) await log.append([record('beside it')]);
  expect((await rangeAfter())?.next).toBeGreaterThan(3000);
  await compacting;
});

test('after its close a log takes nothing more', async () => {
  const log = await open(await newPath());
  await log.close();
  await expect(log.append([record('late')])).rejects.toThrow('closed');
});

test('consumers that become due together are served in turns of the event loop, with others in between', async () => {
  const log = await open(await newPath(), { partitions: 6 });
  const names = Array.from({ length: 60 }, (_, i) => `r${i}`);
  await log.append(names.map((name) => record(name)));
  let turns = 0;
  let counting = true;
  const count = () => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const servedAt: number[] = [];
  const all = Promise.withResolvers<void>();
  for (const group of ['first', 'second']) {
    await log.subscribe({
      group,
      topics: [topic],
      startOffset: async () => 'earliest',
      onBatch: async ({ records }) => {
        servedAt.push(turns);
        if (servedAt.length === 12) all.resolve();
        return { nextOffset: (records.at(-1)?.offset ?? 0) + 1 };
      },
      onFailure: all.reject,
    });
  }
  await all.promise;
  counting = false;
  expect(new Set(servedAt).size).toBe(12);
});
