// The archive service over the real embedded log and store in memory.
import { afterEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { Registry } from 'prom-client';
import { type DocumentMessage, deletionBytes, documentsTopic, encodeDocument } from '../../schemas/document.ts';
import { encodeNotification, notificationsTopic } from '../../schemas/notification.ts';
import { topicNames } from '../../schemas/topics.ts';
import type { WireRecord } from '../../schemas/wire.ts';
import { openTestState, openTestStore } from '../../test/support/databases.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { countArchived, eraseFromArchive } from '../storage/archive.ts';
import { currentDocuments, documentVersions, findDocument } from '../storage/archived-documents.ts';
import { findNotification, listEvents } from '../storage/archived-events.ts';
import { createArchive } from './archive-service.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openBench() {
  const clock = createManualClock();
  const log = await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 2, clock });
  const store = await openTestStore();
  const state = await openTestState();
  const registry = new Registry();
  const archive = createArchive({ log, store, state, clock, logger: pino({ level: 'silent' }), registry });
  await archive.start();
  closing.push(async () => {
    await archive.stop();
    await log.close();
    await store.close();
    await state.close();
  });
  const append = async (...records: WireRecord[]) => {
    await log.append(records);
    await clock.advance(0);
  };
  return { log, store, registry, append };
}

const version = (changes: Partial<DocumentMessage> = {}): DocumentMessage => {
  const { objectId = 'night-1', sequence = 1, deleted = false } = changes;
  return {
    id: `${objectId}-${sequence}`,
    userId: 'ada',
    resource: 'sleep',
    objectId,
    sequence,
    time: `2026-11-2${sequence}T08:00:00.000Z`,
    via: 'poll',
    deleted,
    bytes: deleted
      ? deletionBytes('sleep', objectId)
      : Buffer.from(`{"id" : "${objectId}",  "score": 8${sequence}.0 }`),
    ...changes,
  };
};

const notification = (number: number, changes: { dataType?: string; userId?: string } = {}): WireRecord => {
  const { dataType = 'sleep', userId = 'ada' } = changes;
  const body = {
    event_type: 'update',
    data_type: dataType,
    object_id: `o${number}`,
    user_id: 'OURA',
    event_time: `t${number}`,
  };
  return encodeNotification({
    id: `event-${number}`,
    userId,
    receivedAt: `2026-11-23T08:00:0${number}.000Z`,
    signature: 'ABC',
    timestamp: '1',
    body,
    bytes: Buffer.from(`${JSON.stringify(body)}\n`),
  });
};

const all = async <Item>(items: AsyncIterable<Item>) => {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
};

test('a notification stands once, with the bytes and headers it came with, however often it is on the topic', async () => {
  const { store, append } = await openBench();
  await append(notification(1), notification(1), notification(2));
  await append(notification(1));
  const events = await listEvents(store.read, { limit: 10 });
  expect(events.map(({ id }) => id)).toEqual(['event-2', 'event-1']);
  const row = await findNotification(store.read, 'event-1');
  expect(Buffer.from(row?.payload ?? []).toString()).toMatch(/^\{"event_type":"update".*\}\n$/);
  expect(JSON.parse(row?.headers ?? '')).toMatchObject({ 'x-oura-signature': 'ABC', ce_id: 'event-1' });
});

test('events are listed newest first, in pages, by person and by data type', async () => {
  const { store, append } = await openBench();
  await append(
    notification(1),
    notification(2, { dataType: 'workout' }),
    notification(3, { userId: 'bob' }),
    notification(4),
  );
  const ids = async (query: Omit<Parameters<typeof listEvents>[1], 'limit'>, limit = 10) =>
    (await listEvents(store.read, { limit, ...query })).map(({ id }) => id);
  expect(await ids({}, 2)).toEqual(['event-4', 'event-3']);
  expect(await ids({ before: 'event-3' })).toEqual(['event-2', 'event-1']);
  expect(await ids({ dataType: 'sleep', before: 'event-4' })).toEqual(['event-3', 'event-1']);
  expect(await ids({ userId: 'bob' })).toEqual(['event-3']);
  expect(await ids({ before: 'never-seen' })).toEqual([]);
  expect((await listEvents(store.read, { limit: 1 }))[0]).toEqual({
    id: 'event-4',
    received_at: '2026-11-23T08:00:04.000Z',
    data_type: 'sleep',
    event_type: 'update',
    user_id: 'ada',
    payload: { event_type: 'update', data_type: 'sleep', object_id: 'o4', user_id: 'OURA', event_time: 't4' },
    object_id: 'o4',
    event_time: 't4',
  });
});

test('every version of a document is kept byte for byte, and the highest is the current one whatever came last', async () => {
  const { store, append } = await openBench();
  await append(
    encodeDocument(version()),
    encodeDocument(version({ sequence: 3 })),
    encodeDocument(version({ sequence: 2 })),
  );
  await append(encodeDocument(version({ sequence: 2 })));
  const versions = await documentVersions(store.read, { userId: 'ada', resource: 'sleep', objectId: 'night-1' });
  expect(versions.map(({ sequence, bytes }) => [sequence, Buffer.from(bytes).toString()])).toEqual([
    [1, '{"id" : "night-1",  "score": 81.0 }'],
    [2, '{"id" : "night-1",  "score": 82.0 }'],
    [3, '{"id" : "night-1",  "score": 83.0 }'],
  ]);
  const current = await findDocument(store.read, { userId: 'ada', resource: 'sleep', objectId: 'night-1' });
  expect(current?.sequence).toBe(3);
});

test('current documents are those of the highest version, or of a time that is asked for; deletions are versions', async () => {
  const { store, append } = await openBench();
  await append(
    ...[version(), version({ sequence: 2 }), version({ sequence: 3, deleted: true })].map(encodeDocument),
    ...[version({ objectId: 'night-2' }), version({ userId: 'bob', objectId: 'his' })].map(encodeDocument),
  );
  const summary = async (query: Parameters<typeof currentDocuments>[1]) =>
    (await all(currentDocuments(store.read, query))).map(({ objectId, sequence, deleted }) => [
      objectId,
      sequence,
      deleted,
    ]);
  expect(await summary({ userId: 'ada' })).toEqual([
    ['night-1', 3, true],
    ['night-2', 1, false],
  ]);
  expect(await summary({ asOfMs: Date.parse('2026-11-22T09:00:00Z') })).toEqual([
    ['night-1', 2, false],
    ['night-2', 1, false],
    ['his', 1, false],
  ]);
  expect(await summary({ asOfMs: Date.parse('2026-11-01T00:00:00Z') })).toEqual([]);
});

test('current documents are read in pages without losing or doubling one', async () => {
  const { store, append } = await openBench();
  const objectIds = Array.from({ length: 1203 }, (_, i) => `object-${String(i).padStart(4, '0')}`);
  await append(...objectIds.map((objectId) => encodeDocument(version({ objectId }))));
  await append(...objectIds.slice(0, 10).map((objectId) => encodeDocument(version({ objectId, sequence: 2 }))));
  const found = await all(currentDocuments(store.read, { resource: 'sleep' }));
  expect(found.map(({ objectId }) => objectId)).toEqual(objectIds);
  expect(found.filter(({ sequence }) => sequence === 2)).toHaveLength(10);
});

test('what is no message of the catalogue becomes a dead letter and the rest goes in', async () => {
  const { log, store, append } = await openBench();
  const broken = {
    ...encodeDocument(version({ objectId: 'broken' })),
    headers: { ce_id: 'x', ce_partitionkey: 'ada' },
  };
  await append(encodeDocument(version()), broken, encodeDocument(version({ objectId: 'night-2' })));
  expect(await all(currentDocuments(store.read))).toHaveLength(2);
  const letters = (
    await Promise.all([0, 1].map((partition) => log.read({ topic: `${documentsTopic}.dlq`, partition, offset: 0 }, 10)))
  ).flat();
  expect(letters.map(({ headers }) => headers.dlq_reason)).toEqual(['malformed']);
});

test('what is new and what was there is counted, per person and per topic', async () => {
  const { store, registry, append } = await openBench();
  await append(notification(1), notification(1), encodeDocument(version()), encodeDocument(version({ sequence: 2 })));
  expect(await countArchived(store.read)).toEqual([
    { userId: 'ada', kind: 'notification', rows: 1 },
    { userId: 'ada', kind: 'sleep', rows: 2 },
  ]);
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toContain(`oura_archive_rows_total{topic="${notificationsTopic}",result="known"} 1`);
  expect(lines).toContain(`oura_archive_rows_total{topic="${documentsTopic}",result="added"} 2`);
});

test('erasing a person removes all rows of that person and no other', async () => {
  const { store, append } = await openBench();
  await append(notification(1), notification(2, { userId: 'bob' }), encodeDocument(version()));
  await store.transaction((tx) => eraseFromArchive(tx, 'ada'));
  expect(await countArchived(store.read)).toEqual([{ userId: 'bob', kind: 'notification', rows: 1 }]);
});
