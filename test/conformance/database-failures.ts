// What errors mean, and how tables come to be: every error of the engine is a Failure with its kind, and a migration runs once.
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { addItem, type DatabaseCheck, item, itemIds, probeMigrations, rejectsAs } from './database-subject.ts';

const failing: Migrations = (types) => ({
  ...probeMigrations(types),
  '0009_fails': {
    async up(db) {
      await db.schema.createTable('half_done').addColumn('id', 'text').execute();
      await sql`insert into missing_table values (1)`.execute(db);
    },
  },
});

const later: Migrations = (types) => ({
  ...probeMigrations(types),
  '0010_later': { up: (db) => db.insertInto('runs').values({ step: '0010_later' }).execute().then() },
});

export const failureChecks: readonly DatabaseCheck[] = [
  {
    name: 'calls a row that breaks a rule poison',
    async run({ database }) {
      await addItem(database, 'a');
      await rejectsAs('poison', addItem(database, 'a'));
      const withoutCounter = sql`insert into items (id) values ('b')`;
      await rejectsAs(
        'poison',
        database.transaction((tx) => withoutCounter.execute(tx)),
      );
      await rejectsAs('poison', addItem(database, 'c', { counter: 1.5 }));
    },
  },
  {
    name: 'calls one row of many that breaks a rule poison, and keeps none of them',
    async run({ database }) {
      const rows = Array.from({ length: 40 }, (_, index) => item(`${index}`, { counter: index }));
      for (const broken of [item('x', { counter: 1.5 }), item('7')]) {
        const insert = database.transaction((tx) =>
          tx
            .insertInto('items')
            .values([...rows, broken])
            .execute(),
        );
        await rejectsAs('poison', insert);
      }
      expect(await itemIds(database)).toEqual([]);
    },
  },
  {
    name: 'calls a missing table or column a matter of configuration, in a transaction and in a read',
    async run({ database }) {
      const missing = sql`select * from missing_table`;
      await rejectsAs(
        'configuration',
        database.transaction((tx) => missing.execute(tx)),
      );
      await rejectsAs('configuration', missing.execute(database.read));
      await rejectsAs('configuration', sql`select missing_column from items`.execute(database.read));
    },
  },
  {
    name: 'refuses to write through read',
    async run({ database }) {
      await expect(database.read.insertInto('items').values(item('a')).execute()).rejects.toThrow(/transaction/);
      await expect(database.read.deleteFrom('items').execute()).rejects.toThrow(/transaction/);
      expect(await itemIds(database)).toEqual([]);
    },
  },
  {
    name: 'says whether it can be reached',
    async run({ database }) {
      await database.check();
      await database.close();
      await expect(database.check()).rejects.toThrow();
    },
  },
  {
    name: 'runs each migration once, however many start at the same time',
    reopens: true,
    async run({ open }) {
      const started = await Promise.all([open(later), open(later), open(later), open(later)]);
      for (const database of started) {
        const runs = await database.read.selectFrom('runs').select('step').orderBy('step').execute();
        expect(runs.map(({ step }) => step)).toEqual(['0001_items', '0010_later']);
      }
    },
  },
  {
    name: 'names the migration that failed and leaves nothing of it',
    reopens: true,
    async run({ open }) {
      const failure = await rejectsAs('configuration', open(failing));
      expect(failure.message).toMatch(/0009_fails/);
      const again = await open();
      await rejectsAs('configuration', sql`select * from half_done`.execute(again.read));
      await addItem(again, 'a');
    },
  },
  {
    name: 'refuses data that a newer version has written',
    reopens: true,
    async run({ open }) {
      await open(later);
      const failure = await rejectsAs('configuration', open());
      expect(failure.message).toMatch(/newer version/);
    },
  },
];
