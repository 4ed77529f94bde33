// What a transaction promises: all or nothing, one after the other, seen by others only when it is over, durable when it resolved.
import { expect } from '@jest/globals';
import { loadOffset, moveOffset } from '../../services/storage/consumer-offsets.ts';
import { acquireLease, holdsLease } from '../../services/storage/leases.ts';
import { addItem, type DatabaseCheck, item, itemIds, rejectsAs } from './database-subject.ts';

const at = { topic: 'topic', partition: 0 };

export const transactionChecks: readonly DatabaseCheck[] = [
  {
    name: 'gives what the work returned, and shows it to reads from then on',
    async run({ database }) {
      const result = await database.transaction(async (tx) => {
        await tx.insertInto('items').values(item('a')).execute();
        return (await tx.selectFrom('items').selectAll().execute()).length;
      });
      expect(result).toBe(1);
      expect(await itemIds(database)).toEqual(['a']);
    },
  },
  {
    name: 'shows a replayable one to reads as well, or leaves nothing of it',
    async run({ database }) {
      const add = (id: string, fails = false) =>
        database.transaction(
          async (tx) => {
            await tx.insertInto('items').values(item(id)).execute();
            if (fails) throw new Error('no');
          },
          { isReplayable: true },
        );
      await add('a');
      await expect(add('b', true)).rejects.toThrow('no');
      await addItem(database, 'c');
      expect(await itemIds(database)).toEqual(['a', 'c']);
    },
  },
  {
    name: 'runs what only writes once, whoever writes the same meanwhile',
    async run({ database }) {
      let runs = 0;
      const ids = Array.from({ length: 300 }, (_, index) => `item-${index}`);
      const insert = () =>
        database.transaction(
          async (tx) => {
            runs += 1;
            for (const id of ids)
              await tx
                .insertInto('items')
                .values(item(id))
                .onConflict((conflict) => conflict.doNothing())
                .execute();
          },
          { writesOnly: true },
        );
      await Promise.all([insert(), insert(), insert()]);
      expect(runs).toBe(3);
      expect((await itemIds(database)).toSorted()).toEqual(ids.toSorted());
    },
  },
  {
    name: 'runs the work once',
    async run({ database }) {
      let runs = 0;
      await database.transaction(async (tx) => {
        runs += 1;
        await tx
          .insertInto('items')
          .values(item('a'))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
      expect(runs).toBe(1);
    },
  },
  {
    name: 'leaves nothing of a transaction whose work throws, and passes on what it threw',
    async run({ database }) {
      const thrown = new Error('no');
      const failed = database.transaction(async (tx) => {
        await tx.insertInto('items').values(item('a')).execute();
        throw thrown;
      });
      await expect(failed).rejects.toBe(thrown);
      expect(await itemIds(database)).toEqual([]);
      await addItem(database, 'b');
      expect(await itemIds(database)).toEqual(['b']);
    },
  },
  {
    name: 'leaves nothing of a transaction in which a statement fails',
    async run({ database }) {
      await addItem(database, 'taken');
      const failed = database.transaction(async (tx) => {
        await tx.insertInto('items').values(item('a')).execute();
        await tx.insertInto('items').values(item('taken')).execute();
      });
      await rejectsAs('poison', failed);
      expect(await itemIds(database)).toEqual(['taken']);
      await addItem(database, 'b');
    },
  },
  {
    name: 'loses no update of transactions that overlap',
    async run({ database }) {
      await addItem(database, 'sum');
      const increment = () =>
        database.transaction(async (tx) => {
          const { counter } = await tx
            .selectFrom('items')
            .select('counter')
            .where('id', '=', 'sum')
            .executeTakeFirstOrThrow();
          await tx
            .updateTable('items')
            .set({ counter: counter + 1 })
            .where('id', '=', 'sum')
            .execute();
        });
      await Promise.all(Array.from({ length: 12 }, increment));
      expect((await database.read.selectFrom('items').selectAll().executeTakeFirst())?.counter).toBe(12);
    },
  },
  {
    name: 'keeps a rule that two transactions check and either would break',
    async run({ database }) {
      // Write skew: each sees the other's place empty and takes its own.
      const takeIfAlone = (id: string) =>
        database.transaction(async (tx) => {
          const others = await tx.selectFrom('items').select('id').execute();
          if (others.length === 0) await tx.insertInto('items').values(item(id)).execute();
        });
      await Promise.all(['a', 'b', 'c', 'd'].map(takeIfAlone));
      expect((await itemIds(database)).length).toBe(1);
    },
  },
  {
    name: 'never shows a read what is not committed',
    async run({ database }) {
      const readings: Promise<string[]>[] = [];
      const failed = database.transaction(async (tx) => {
        await tx.insertInto('items').values(item('a')).execute();
        readings.push(itemIds(database));
        for (let query = 0; query < 20; query += 1) await tx.selectFrom('items').selectAll().execute();
        throw new Error('rolled back');
      });
      await expect(failed).rejects.toThrow(/rolled back/);
      expect(await Promise.all(readings)).toEqual([[]]);
    },
  },
  {
    name: 'keeps what was committed across a close',
    reopens: true,
    async run({ database, open }) {
      await addItem(database, 'a');
      await database.transaction((tx) => tx.updateTable('items').set({ note: 'last' }).execute());
      await database.close();
      const again = await open();
      expect(await again.read.selectFrom('items').selectAll().execute()).toEqual([item('a', { note: 'last' })]);
    },
  },
  {
    name: 'shows another process what is committed, and nothing else',
    reopens: true,
    async run({ database, open }) {
      const other = await open();
      const seen: string[][] = [];
      await database.transaction(async (tx) => {
        await tx.insertInto('items').values(item('a')).execute();
        seen.push(await itemIds(other));
      });
      seen.push(await itemIds(other));
      expect(seen).toEqual([[], ['a']]);
    },
  },
  {
    name: 'moves an offset once from where a consumer stood, however many try',
    async run({ database }) {
      for (const writesOnly of [false, true]) {
        const consumer = `writes only: ${writesOnly}`;
        const tryMove = (from: number | undefined, to: number) =>
          database.transaction((tx) => moveOffset(tx, { consumer, at, from, to, nowMs: 1 }), { writesOnly });
        const first = await Promise.all([1, 2, 3, 4].map((to) => tryMove(undefined, to)));
        expect(first.filter(Boolean).length).toBe(1);
        const stood = await loadOffset(database.read, consumer, at);
        const second = await Promise.all([11, 12, 13, 14].map((to) => tryMove(stood, to)));
        expect(second.filter(Boolean).length).toBe(1);
      }
    },
  },
  {
    name: 'gives a lease to one of many and fences the one who lost it',
    async run({ database }) {
      const acquire = (owner: string, nowMs: number) =>
        database.transaction((tx) => acquireLease(tx, { name: 'polls', owner, nowMs, termMs: 10 }));
      const first = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => acquire(owner, 0)));
      expect(first.filter((token) => token !== undefined)).toEqual([1]);
      expect(await acquire('late', 10)).toBe(2);
      const writeAs = (token: number) =>
        database.transaction(async (tx) => {
          if (!(await holdsLease(tx, { name: 'polls', token }))) return;
          await tx
            .insertInto('items')
            .values(item(`by ${token}`))
            .execute();
        });
      await Promise.all([writeAs(1), writeAs(2)]);
      expect(await itemIds(database)).toEqual(['by 2']);
    },
  },
];
