// What comes back is what went in: bytes, numbers, texts, counts of rows, and rows in bulk.
import { expect } from '@jest/globals';
import { addItem, type DatabaseCheck, item, itemIds, type ProbeTables } from './database-subject.ts';

const encoder = new TextEncoder();

const payloads: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(),
  'every byte': Uint8Array.from({ length: 256 }, (_, byte) => byte),
  zero: encoder.encode('{"a":"\u0000"}\u0000'),
  'not UTF-8': Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x80),
  'as received': encoder.encode('{"b": 1.50,\r\n "a" : 1e3}'),
  large: Uint8Array.from({ length: 2 ** 20 }, (_, at) => (at * 31) & 0xff),
};

const numbers = [
  0,
  1,
  -1,
  2 ** 31,
  -(2 ** 31) - 1,
  Date.UTC(2026, 10, 23),
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
];
const ratios = [0.1, 1 / 3, -36.6, 1e-300, 1.7976931348623157e308, 5e-324, 3];
const texts = [
  '',
  ' ',
  "it's",
  '"quoted" \\ %',
  'ünïcödé',
  '睡眠 😴',
  '2026-11-23T08:00:00+01:00',
  '007',
  '5.0',
  'null',
];

export const valueChecks: readonly DatabaseCheck[] = [
  {
    name: 'gives bytes back exactly',
    async run({ database }) {
      for (const [id, payload] of Object.entries(payloads)) await addItem(database, id, { payload });
      for (const [id, payload] of Object.entries(payloads)) {
        const row = await database.read.selectFrom('items').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
        expect(ArrayBuffer.isView(row.payload)).toBe(true);
        expect(Buffer.compare(row.payload ?? Buffer.of(1, 2), payload)).toBe(0);
      }
    },
  },
  {
    name: 'gives whole numbers back as numbers, to 53 bits',
    async run({ database }) {
      for (const [index, counter] of numbers.entries()) await addItem(database, `${index}`, { counter });
      const rows = await database.read.selectFrom('items').select(['id', 'counter']).execute();
      const byId = new Map(rows.map((row) => [row.id, row.counter]));
      expect(numbers.map((_, index) => byId.get(`${index}`))).toEqual(numbers);
      const { sum, count } = await database.read
        .selectFrom('items')
        .select((eb) => [eb.fn.max('counter').as('sum'), eb.fn.countAll<number>().as('count')])
        .executeTakeFirstOrThrow();
      expect([sum, count]).toEqual([Number.MAX_SAFE_INTEGER, numbers.length]);
    },
  },
  {
    name: 'refuses a whole number that a number cannot hold, instead of rounding it',
    async run({ database }) {
      await addItem(database, 'a', { counter: Number.MAX_SAFE_INTEGER });
      await database.transaction((tx) =>
        tx
          .updateTable('items')
          .set((eb) => ({ counter: eb('counter', '+', 2) }))
          .execute(),
      );
      await expect(database.read.selectFrom('items').selectAll().execute()).rejects.toThrow();
    },
  },
  {
    name: 'gives fractions, texts and nulls back exactly',
    async run({ database }) {
      for (const [index, ratio] of ratios.entries()) await addItem(database, `ratio ${index}`, { ratio });
      for (const [index, note] of texts.entries()) await addItem(database, `text ${index}`, { note });
      const rows = await database.read.selectFrom('items').selectAll().execute();
      const byId = new Map(rows.map((row) => [row.id, row]));
      expect(ratios.map((_, index) => byId.get(`ratio ${index}`)?.ratio)).toEqual(ratios);
      expect(texts.map((_, index) => byId.get(`text ${index}`)?.note)).toEqual(texts);
      expect([byId.get('ratio 0')?.note, byId.get('text 0')?.ratio]).toEqual([null, null]);
    },
  },
  {
    name: 'inserts or updates by key, or leaves what is there',
    async run({ database }) {
      await addItem(database, 'a', { counter: 1, note: 'first' });
      await database.transaction(async (tx) => {
        await tx
          .insertInto('items')
          .values([item('a', { counter: 2 }), item('b', { counter: 3 })])
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((eb) => ({ counter: eb.ref('excluded.counter') })),
          )
          .execute();
        await tx
          .insertInto('items')
          .values([item('b', { counter: 9 }), item('c', { counter: 4 })])
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
      const rows = await database.read.selectFrom('items').select(['id', 'counter', 'note']).orderBy('id').execute();
      expect(rows.map((row) => ({ ...row }))).toEqual([
        { id: 'a', counter: 2, note: 'first' },
        { id: 'b', counter: 3, note: null },
        { id: 'c', counter: 4, note: null },
      ]);
    },
  },
  {
    name: 'says how many rows a statement touched, and returns them when asked',
    async run({ database }) {
      const counts = await database.transaction(async (tx) => {
        const inserted = await tx
          .insertInto('items')
          .values([item('a'), item('b'), item('c')])
          .executeTakeFirst();
        const again = await tx
          .insertInto('items')
          .values([item('c'), item('d')])
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        const updated = await tx.updateTable('items').set({ note: 'x' }).where('id', '<', 'c').executeTakeFirst();
        const none = await tx.updateTable('items').set({ note: 'x' }).where('id', '=', 'z').executeTakeFirst();
        const deleted = await tx.deleteFrom('items').where('id', '=', 'd').executeTakeFirst();
        const returned = await tx.deleteFrom('items').where('id', '<=', 'b').returning('id').execute();
        return [
          inserted.numInsertedOrUpdatedRows,
          again.numInsertedOrUpdatedRows,
          updated.numUpdatedRows,
          none.numUpdatedRows,
          deleted.numDeletedRows,
          returned.length,
        ].map(Number);
      });
      expect(counts).toEqual([3, 1, 2, 0, 1, 2]);
    },
  },
  {
    name: 'takes many rows as it takes one: every kind of value, nulls between them, updates and what is there already',
    async run({ database }) {
      const notes = [null, ...texts];
      const bytes = [null, ...Object.values(payloads)];
      const rows = Array.from({ length: 60 }, (_, index) =>
        item(`${index}`.padStart(2, '0'), {
          counter: numbers[index % numbers.length] ?? 0,
          note: notes[index % notes.length] ?? null,
          payload: bytes[index % bytes.length] ?? null,
        }),
      );
      const insert = (values: readonly ProbeTables['items'][]) =>
        database.transaction((tx) =>
          tx
            .insertInto('items')
            .values(values)
            .onConflict((conflict) =>
              conflict
                .column('id')
                .doUpdateSet((eb) => ({ note: eb.ref('excluded.note'), ratio: eb.ref('excluded.ratio') }))
                .where('items.id', '<', '10'),
            )
            .executeTakeFirst(),
        );
      const added = await insert(rows.slice(0, 40));
      const changed = await insert(rows.map((row, index) => ({ ...row, note: 'new', ratio: index / 2 })));
      expect([added, changed].map(({ numInsertedOrUpdatedRows }) => Number(numInsertedOrUpdatedRows))).toEqual([
        40, 30,
      ]);
      const found = await database.read.selectFrom('items').selectAll().orderBy('id').execute();
      expect(found.map(({ payload, ...row }) => ({ ...row, payload: payload && Buffer.from(payload) }))).toEqual(
        rows.map((row, index) => ({
          ...row,
          payload: row.payload && Buffer.from(row.payload),
          ...((index < 10 || index >= 40) && { note: 'new', ratio: index / 2 }),
        })),
      );
    },
  },
  {
    name: 'takes a thousand rows in one statement and streams them back while others read',
    async run({ database }) {
      const rows = Array.from({ length: 1000 }, (_, index) => item(String(index).padStart(4, '0'), { counter: index }));
      await database.transaction((tx) => tx.insertInto('items').values(rows).execute());
      const seen: number[] = [];
      for await (const { counter } of database.read.selectFrom('items').selectAll().orderBy('id').stream(100)) {
        if (counter % 250 === 0) expect((await itemIds(database)).length).toBe(1000);
        seen.push(counter);
      }
      expect(seen).toEqual(rows.map(({ counter }) => counter));
    },
  },
];
