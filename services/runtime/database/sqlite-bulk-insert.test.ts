import { afterEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { openSqliteDatabase } from './sqlite-database.ts';

interface Tables {
  facts: { id: number; word: string | null; seen: number };
}

let database: Database<Tables> | undefined;
afterEach(() => database?.close());

async function openFacts() {
  database = await openSqliteDatabase<Tables>({
    path: ':memory:',
    migrations: () => ({
      '001_facts': {
        up: async (db) => {
          await db.schema
            .createTable('facts')
            .addColumn('id', 'integer', (c) => c.primaryKey())
            .addColumn('word', 'text', (c) => c.defaultTo('none'))
            .addColumn('seen', 'integer', (c) => c.notNull())
            .execute();
        },
      },
    }),
  });
  return database;
}

const facts = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: from + i, word: `w${from + i}`, seen: 1 }));
const all = (db: Database<Tables>) => db.read.selectFrom('facts').selectAll().orderBy('id').execute();

test('rows beyond the parameters that one statement may have are inserted by one call, and counted', async () => {
  const db = await openFacts();
  const result = await db.transaction((tx) => tx.insertInto('facts').values(facts(0, 40_000)).executeTakeFirst());
  expect(result.numInsertedOrUpdatedRows).toBe(40_000n);
  expect((await all(db)).map(({ word }) => word)).toEqual(facts(0, 40_000).map(({ word }) => word));
});

test('an upsert judges every row by itself, with the values that follow its rows', async () => {
  const db = await openFacts();
  await db.transaction((tx) => tx.insertInto('facts').values(facts(0, 4)).execute());
  const result = await db.transaction((tx) =>
    tx
      .insertInto('facts')
      .values(facts(2, 4).map((fact) => ({ ...fact, seen: 7 })))
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((eb) => ({ seen: eb.ref('excluded.seen') }))
          .where('facts.id', '>', 2),
      )
      .executeTakeFirst(),
  );
  expect((await all(db)).map(({ seen }) => seen)).toEqual([1, 1, 1, 7, 7, 7]);
  expect(result.numInsertedOrUpdatedRows).toBe(3n);
});

test('what many rows return comes in their order', async () => {
  const db = await openFacts();
  const returned = await db.transaction((tx) => tx.insertInto('facts').values(facts(5, 3)).returning('id').execute());
  expect(returned).toEqual([{ id: 5 }, { id: 6 }, { id: 7 }]);
});

test('rows with expressions are one statement as they were', async () => {
  const db = await openFacts();
  await db.transaction((tx) =>
    tx
      .insertInto('facts')
      .values([
        { id: 1, word: sql<string>`upper('a')`, seen: 1 },
        { id: 2, word: 'b', seen: 2 },
      ])
      .execute(),
  );
  expect((await all(db)).map(({ word }) => word)).toEqual(['A', 'b']);
});

test('an error in a later row leaves nothing of the earlier ones', async () => {
  const db = await openFacts();
  const rows = [...facts(0, 3), ...facts(1, 1)];
  await expect(db.transaction((tx) => tx.insertInto('facts').values(rows).execute())).rejects.toThrow('facts.id');
  expect(await all(db)).toEqual([]);
});
