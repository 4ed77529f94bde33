// What only the SQLite adapter promises; the rest is in test/conformance/database.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openSqliteDatabase } from './sqlite-database.ts';

interface Tables {
  items: { id: number };
}

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  path = join(folder, 'test.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (at = path) =>
  openSqliteDatabase<Tables>({
    path: at,
    migrations: () => ({
      '0001_items': { up: (db) => db.schema.createTable('items').addColumn('id', 'integer').execute() },
    }),
  });

test('a file is in WAL mode and syncs every commit but those that are replayable', async () => {
  const database = await open();
  const other = new DatabaseSync(path);
  expect(other.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
  other.close();
  const synchronous = (isReplayable?: boolean) =>
    database.transaction(
      async (tx) => (await sql<{ synchronous: number }>`pragma synchronous`.execute(tx)).rows[0]?.synchronous,
      isReplayable === undefined ? {} : { isReplayable },
    );
  const [normal, full] = [1, 2];
  expect(await Promise.all([undefined, true, true, false, true, undefined].map(synchronous))).toEqual([
    full,
    normal,
    normal,
    full,
    normal,
    full,
  ]);
  await database.close();
});

test('a transaction waits for the lock of another connection in the same thread, and the event loop goes on', async () => {
  const database = await open();
  const other = new DatabaseSync(path);
  other.exec('begin immediate; insert into items values (1)');
  let isDone = false;
  const waiting = database
    .transaction((tx) => tx.insertInto('items').values({ id: 2 }).execute())
    .then(() => {
      isDone = true;
    });
  await new Promise(setImmediate);
  expect(await database.read.selectFrom('items').selectAll().execute()).toEqual([]);
  expect(isDone).toBe(false);
  other.exec('commit');
  other.close();
  await waiting;
  expect(await database.read.selectFrom('items').select('id').execute()).toEqual([{ id: 1 }, { id: 2 }]);
  await database.close();
});

test('a statement that was kept follows a table that changed', async () => {
  const database = await open();
  const all = () => database.read.selectFrom('items').selectAll().execute();
  await database.transaction((tx) => tx.insertInto('items').values({ id: 1 }).execute());
  expect(await all()).toEqual([{ id: 1 }]);
  const other = new DatabaseSync(path);
  other.exec("alter table items add column note text default 'new'");
  other.close();
  expect(await all()).toEqual([{ id: 1, note: 'new' }]);
  await database.close();
});

test('a stream that is left early, and one that is slow, hold up nobody', async () => {
  const database = await open();
  const rows = Array.from({ length: 50 }, (_, id) => ({ id }));
  await database.transaction((tx) => tx.insertInto('items').values(rows).execute());
  const count = async () => (await database.read.selectFrom('items').select('id').execute()).length;
  for await (const { id } of database.read.selectFrom('items').selectAll().orderBy('id').stream(10)) {
    await database.transaction((tx) =>
      tx
        .insertInto('items')
        .values({ id: 100 + id })
        .execute(),
    );
    expect(await count()).toBe(51 + id);
    if (id === 5) break;
  }
  expect(await count()).toBe(56);
  await database.close();
});

test('a file that is no database, or a folder that is not there, is a matter of configuration', async () => {
  writeFileSync(path, 'no database at all '.repeat(100));
  await expect(open()).rejects.toMatchObject({ kind: 'configuration', message: expect.stringContaining(path) });
  await expect(open(join(folder, 'missing', 'test.db'))).rejects.toMatchObject({ kind: 'configuration' });
});
