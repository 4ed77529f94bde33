import { expect, test } from '@jest/globals';
import { decodeDocument } from '../../../schemas/document.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createOutboxPublisher } from './outbox-publisher.ts';
import { type ReadDocuments, recordDocuments } from './record-documents.ts';
import { dayOf, isStandIn, standInId } from './stand-ins.ts';

async function opened() {
  const state = await openTestState();
  const records: WireRecord[] = [];
  const log = {
    append: async (appended: readonly WireRecord[]) => {
      records.push(...appended);
      return [];
    },
  };
  const parts = { state, outbox: createOutboxPublisher({ state, log }), clock: { now: () => 1_000 } };
  const record = (objectId: string, document: object, changes: Partial<ReadDocuments> = {}) =>
    recordDocuments(parts, {
      ...{ userId: 'anna', resource: 'daily_sleep', beganAtMs: 1_000, via: 'poll' },
      documents: [{ objectId, bytes: Buffer.from(JSON.stringify(document)) }],
      ...changes,
    });
  const seen = () =>
    records
      .map(decodeDocument)
      .map(({ objectId, deleted, sequence }) => `${objectId} ${sequence}${deleted ? ' deleted' : ''}`);
  return { state, records, record, seen };
}

const day = '2023-12-26';
const imported = { saidAtMs: 0, via: 'import' } as const;

test("the arrival of Oura's own document of the day deletes the stand-in first, once", async () => {
  const { state, record, seen } = await opened();
  await record(standInId(day), { day, score: 77 }, imported);
  await record('other-day', { day: '2023-12-27', score: 1 });
  await record('real', { day, score: 78 });
  await record('real', { day, score: 79 }, { beganAtMs: 2_000 });
  expect(seen()).toEqual(['trends-2023-12-26 1', 'other-day 1', 'trends-2023-12-26 2 deleted', 'real 1', 'real 2']);
  await state.close();
});

test('stand-ins of another resource or person stay', async () => {
  const { state, record, seen } = await opened();
  await record(standInId(day), { day }, imported);
  await record('real', { day }, { resource: 'daily_readiness' });
  await record('real', { day }, { userId: 'ben' });
  expect(seen()).toEqual(['trends-2023-12-26 1', 'real 1', 'real 1']);
  await state.close();
});

test('what a file said never replaces what Oura said since, and what it adds is dated by the import', async () => {
  const { state, records, record, seen } = await opened();
  await record('real', { day, score: 80 }, { beganAtMs: 500 });
  expect(await record('real', { day, score: 70 }, imported)).toMatchObject({ stale: 1, appended: 0 });
  expect(await record('other', { day: '2023-12-27' }, { ...imported, beganAtMs: 5_000 })).toMatchObject({
    appended: 1,
  });
  expect(await record('other', { day: '2023-12-27', score: 1 }, { beganAtMs: 600 })).toMatchObject({ appended: 1 });
  expect(seen()).toEqual(['real 1', 'other 1', 'other 2']);
  expect(records[1]?.headers.ce_time).toBe(new Date(5_000).toISOString());
  await state.close();
});

test('a day is only what Oura wrote as one', () => {
  expect([dayOf({ day }), dayOf({ day: 'soon' }), dayOf({ day: 5 }), dayOf([]), dayOf(null), dayOf({})]).toEqual([
    day,
    ...[null, null, null, null, null],
  ]);
  expect([isStandIn(standInId(day)), isStandIn('8f9a5221-639e-4a85-81cb-4065ef23f979')]).toEqual([true, false]);
});
