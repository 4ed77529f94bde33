import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDataFolder } from '../../runtime/data-folder.ts';
import type { Database } from '../../runtime/database/database.ts';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import { openSqliteLog } from '../../runtime/log/sqlite-log.ts';
import { loadSecretsKeys } from '../../runtime/secrets-key.ts';
import { createOffsetTables, moveOffset, type OffsetTables } from '../consumer-offsets.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

interface ProbeTables extends OffsetTables {
  rows_written: { id: number };
}

let parent = '';
let dataDir = '';
let target = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'backup-'));
  dataDir = join(parent, 'data');
  target = join(parent, 'backup');
  mkdirSync(dataDir);
});
afterEach(() => rmSync(parent, { recursive: true }));

const topic = 'topic';
const nowMs = Date.parse('2026-11-23T08:00:00Z');
const takeBackup = (to = target) => backup({ dataDir, target: to, appVersion: '1.2.3', nowMs });

const openProbe = (name: string): Promise<Database<ProbeTables>> =>
  openSqliteDatabase<ProbeTables>({
    path: join(dataDir, name),
    migrations: (types) => ({
      '0001_probe': {
        async up(db) {
          await createOffsetTables(db.schema, types);
          await db.schema
            .createTable('rows_written')
            .addColumn('id', 'integer', (c) => c.primaryKey())
            .execute();
        },
      },
    }),
  });

/** A pipeline in small: a number is given in state, appended to the log, and projected into store with the offset. */
async function startPipeline() {
  loadSecretsKeys({ secretsKey: undefined, dataDir });
  const state = await openProbe('state.db');
  const store = await openProbe('store.db');
  const log = await openSqliteLog({ path: join(dataDir, 'log.db'), topics: [topic] });
  let written = 0;
  return {
    written: () => written,
    async step() {
      const id = written;
      await state.transaction((tx) => tx.insertInto('rows_written').values({ id }).execute());
      await log.append([{ topic, partitionKey: 'u', key: `u/${id}`, value: Buffer.alloc(500, id), headers: {} }]);
      await store.transaction(async (tx) => {
        await tx.insertInto('rows_written').values({ id }).execute();
        const at = { topic, partition: 0 };
        await moveOffset(tx, { consumer: 'archive', at, from: id || undefined, to: id + 1, nowMs });
      });
      written += 1;
    },
    async stop() {
      await Promise.all([state.close(), store.close(), log.close()]);
    },
  };
}

const ask = (folder: string, file: string, sql: string): unknown => {
  const database = new DatabaseSync(join(folder, file), { readOnly: true });
  const row = database.prepare(sql).get();
  database.close();
  return Object.values(row ?? {})[0];
};

test('a backup under load is one moment of log, store and state, and what it restores works', async () => {
  const pipeline = await startPipeline();
  for (let step = 0; step < 50; step += 1) await pipeline.step();
  let isRunning = true;
  const load = (async () => {
    while (isRunning) await pipeline.step();
  })();
  for (const round of [1, 2, 3, 4]) {
    const from = pipeline.written();
    await takeBackup(`${target}${round}`);
    const until = pipeline.written();
    const restored = join(parent, `restored${round}`);
    await restore({ source: `${target}${round}`, dataDir: restored });
    const inState = Number(ask(restored, 'state.db', 'select count(*) from rows_written'));
    const inLog = Number(ask(restored, 'log.db', 'select count(*) from records'));
    const inStore = Number(ask(restored, 'store.db', 'select count(*) from rows_written'));
    expect(ask(restored, 'store.db', 'select max(next_offset) from consumer_offsets')).toBe(inStore);
    // At one moment at most one number is between two files, and it is where the pipeline puts it first.
    expect(['0,0', '1,0', '0,1']).toContain(`${inState - inLog},${inLog - inStore}`);
    expect(inStore).toBeGreaterThanOrEqual(from);
    expect(inStore).toBeLessThanOrEqual(until);
    const log = await openSqliteLog({ path: join(restored, 'log.db'), topics: [topic] });
    expect((await log.ranges(topic))[0]?.next).toBe(inLog);
    await log.close();
  }
  isRunning = false;
  await load;
  await pipeline.stop();
});

test('the manifest names every file with its hash, the newest migration and the moment', async () => {
  const pipeline = await startPipeline();
  await pipeline.step();
  const shares: number[] = [];
  const manifest = await backup({
    dataDir,
    target,
    appVersion: '1.2.3',
    nowMs,
    onProgress: (share) => shares.push(share),
  });
  await pipeline.stop();
  expect(manifest).toMatchObject({ format: 1, appVersion: '1.2.3', takenAt: '2026-11-23T08:00:00.000Z' });
  expect(manifest.files.map(({ name, migration }) => [name, migration])).toEqual([
    ['state.db', '0001_probe'],
    ['store.db', '0001_probe'],
    ['log.db', undefined],
    ['secrets.key', undefined],
  ]);
  expect(readdirSync(target).sort()).toEqual(['log.db', 'manifest.json', 'secrets.key', 'state.db', 'store.db']);
  expect(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'))).toEqual(manifest);
  for (const name of readdirSync(target)) expect(statSync(join(target, name)).mode & 0o077).toBe(0);
  expect(shares.at(-1)).toBe(1);
});

test('a backup goes into an empty folder, and needs something to copy', async () => {
  await expect(takeBackup()).rejects.toThrow(/there is no data in .*: set DATA_DIR/);
  const pipeline = await startPipeline();
  await pipeline.stop();
  mkdirSync(target);
  writeFileSync(join(target, 'mine.txt'), '');
  await expect(takeBackup()).rejects.toThrow(/is not empty/);
  expect(readdirSync(target)).toEqual(['mine.txt']);
});

test('restore says what it did, and what is left to do', async () => {
  const pipeline = await startPipeline();
  await pipeline.stop();
  rmSync(join(dataDir, 'secrets.key'));
  await takeBackup();
  const { done } = await restore({ source: target, dataDir: join(parent, 'new') });
  expect(done.join('\n')).toMatch(/state\.db, store\.db, log\.db of 2026-11-23T08:00:00.000Z .* are in .*new/);
  expect(done.join('\n')).toMatch(/no secrets\.key: start with the SECRETS_KEY of that server/);
});

test('restore never overwrites, and not while a server uses the folder', async () => {
  const pipeline = await startPipeline();
  await pipeline.stop();
  await takeBackup();
  await expect(restore({ source: target, dataDir })).rejects.toThrow(
    /holds data already \(state\.db, .*never overwrites/,
  );
  const inUse = openDataFolder(join(parent, 'used'), 'serve');
  await expect(restore({ source: target, dataDir: inUse.path })).rejects.toThrow(/another process \(serve/);
  inUse.close();
});

test.each([
  ['a changed file', 'is not what was backed up', () => writeFileSync(join(target, 'log.db'), 'x')],
  ['a cut file', 'is not what was backed up', () => truncateSync(join(target, 'store.db'), 100)],
  ['a missing file', 'is missing', () => rmSync(join(target, 'secrets.key'))],
  ['a missing manifest', 'no complete backup', () => rmSync(join(target, 'manifest.json'))],
  [
    'an unknown manifest',
    'cannot be read by this version',
    () => writeFileSync(join(target, 'manifest.json'), '{"format":2}'),
  ],
  [
    'a manifest that points elsewhere',
    'cannot be read by this version',
    () => {
      const path = join(target, 'manifest.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"log.db"', '"../log.db"'));
    },
  ],
])('%s is refused before anything is written', async (_, sentence, damage) => {
  const pipeline = await startPipeline();
  await pipeline.stop();
  await takeBackup();
  damage();
  const restored = join(parent, 'restored');
  await expect(restore({ source: target, dataDir: restored })).rejects.toThrow(sentence);
  expect(() => readdirSync(restored)).toThrow('ENOENT');
});
