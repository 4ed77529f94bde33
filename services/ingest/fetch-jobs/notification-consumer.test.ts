import { expect, test } from '@jest/globals';
import { encodeNotification } from '../../../schemas/notification.ts';
import { openTestState } from '../../../test/support/databases.ts';
import type { LogRecord } from '../../runtime/log/message-log.ts';
import { listJobs } from '../../storage/fetch-jobs.ts';
import { adoptPerson } from '../../storage/people.ts';
import { createNotificationConsumer } from './notification-consumer.ts';

async function open() {
  const state = await openTestState();
  let pokes = 0;
  const consumer = createNotificationConsumer({ state, onJobs: () => (pokes += 1) });
  const person = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 1 }));
  const handle = async (...records: LogRecord[]) => {
    const handled = await consumer.handle(records, 1_000);
    await state.transaction(async (tx) => handled.write?.(tx));
    handled.committed?.();
    return handled.outcomes;
  };
  const jobs = async () =>
    (await listJobs(state.read, { limit: 100 })).sort((a, b) => a.objectId.localeCompare(b.objectId));
  return { state, person, handle, jobs, pokes: () => pokes };
}

let offset = 0;
function record(id: string, body: Record<string, string>, userId = 'unknown-1'): LogRecord {
  const full = { event_type: 'update', data_type: 'sleep', object_id: 'a', user_id: 'o1', ...body };
  const wire = encodeNotification({
    id,
    userId,
    receivedAt: '2026-11-23T08:00:00.000Z',
    signature: 'S',
    timestamp: '1',
    body: full,
    bytes: new TextEncoder().encode(JSON.stringify(full)),
  });
  return { ...wire, partition: 0, offset: offset++, appendedAtMs: 1 };
}

test('a notification becomes one open job of the person who has that Oura id by now', async () => {
  const { state, person, handle, jobs, pokes } = await open();
  expect(await handle(record('1', { event_time: '2026-11-23T07:59:30Z' }))).toEqual([{ kind: 'done' }]);
  expect(await jobs()).toMatchObject([
    {
      userId: person.userId,
      dataType: 'sleep',
      objectId: 'a',
      state: 'open',
      eventAtMs: Date.parse('2026-11-23T07:59:30Z'),
    },
  ]);
  expect(pokes()).toBe(1);
  await state.close();
});

test('many notifications of one object are one job, and the newest event wins whatever the order of arrival', async () => {
  const { state, handle, jobs } = await open();
  await handle(
    record('1', { event_time: '2026-11-23T07:00:00Z' }),
    record('3', { event_time: '2026-11-23T07:02:00Z', event_type: 'delete' }),
    record('2', { event_time: '2026-11-23T07:01:00Z' }),
  );
  expect(await jobs()).toMatchObject([{ notificationId: '3', eventType: 'delete' }]);
  await state.close();
});

test('a notification that was handled before has no effect', async () => {
  const { state, handle, jobs } = await open();
  await handle(record('1', {}), record('1', {}));
  await state.transaction((tx) => tx.deleteFrom('fetch_jobs').execute());
  expect(await handle(record('1', {}))).toEqual([{ kind: 'skip', reason: 'handled_before' }]);
  expect(await jobs()).toEqual([]);
  await state.close();
});

test('what cannot be fetched stands in the list with its reason', async () => {
  const { state, handle, jobs } = await open();
  const outcomes = await handle(
    record('1', { object_id: 'm', data_type: 'meal' }),
    record('2', { object_id: 'w', user_id: 'o2' }),
  );
  expect(outcomes).toEqual([{ kind: 'skip', reason: 'no_route' }, { kind: 'done' }]);
  expect(await jobs()).toMatchObject([
    { objectId: 'm', state: 'given_up', reason: 'no_route' },
    { objectId: 'w', state: 'parked', reason: 'waiting_for_connection', userId: 'unknown-1', ouraUserId: 'o2' },
  ]);
  await state.close();
});

test('a record that is no notification is a dead letter and does not hold up its neighbours', async () => {
  const { state, handle, jobs } = await open();
  const broken = { ...record('1', {}), value: new TextEncoder().encode('{') };
  const outcomes = await handle(broken, record('2', {}));
  expect(outcomes).toMatchObject([{ kind: 'dead-letter', reason: 'malformed_notification' }, { kind: 'done' }]);
  expect(await jobs()).toHaveLength(1);
  await state.close();
});

test('of several events of one object in a batch the newest makes the job, whatever came last', async () => {
  const { handle, jobs } = await open();
  await handle(
    record('1', { event_time: '2026-11-23T07:00:00Z' }),
    record('2', { event_time: '2026-11-23T07:20:00Z', event_type: 'delete' }),
    record('3', { event_time: '2026-11-23T07:10:00Z' }),
    record('4', { object_id: 'b' }),
  );
  expect(
    (await jobs()).map(({ objectId, notificationId, eventType }) => [objectId, notificationId, eventType]),
  ).toEqual([
    ['a', '2', 'delete'],
    ['b', '4', 'update'],
  ]);
});
