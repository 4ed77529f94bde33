// The queries of fetch jobs on PostgreSQL. Their runner's own tests count on an order among persons that only one thread gives.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import {
  adoptJobs,
  changeJob,
  countJobs,
  delayJobsOf,
  finishJob,
  listJobs,
  loadDueJobs,
  type NewFetchJob,
  ouraIdsWaitedFor,
  parkFetchesOf,
  peopleWithDueJobs,
  putJobs,
  reopenJobsOf,
} from '../../services/storage/fetch-jobs.ts';
import { stateMigrations } from '../../services/storage/migrations/state-migrations.ts';
import type { StateDatabase, StateTables } from '../../services/storage/tables.ts';
import { closing } from '../support/closing.ts';
import { connectionTo, type PostgresServer, startPostgres } from './postgres-container.ts';

const kept = closing(afterAll);
let server: PostgresServer;
let state: StateDatabase;
beforeAll(async () => {
  server = kept(await startPostgres());
  const connection = connectionTo(await server.createDatabase());
  const [schema, applicationName, migrations] = ['state', 'test', stateMigrations] as const;
  state = kept(await openPostgresDatabase<StateTables>({ connection, schema, applicationName, migrations }));
});

const job = (userId: string, objectId: string, change: Partial<NewFetchJob> = {}): NewFetchJob => ({
  ...{ userId, objectId, dataType: 'sleep', ouraUserId: `oura-${userId}`, eventType: 'create', eventAtMs: 1 },
  ...{ notifiedAtMs: 2, notificationId: `n-${userId}-${objectId}`, state: 'open', reason: null },
  ...change,
});
const put = (added: NewFetchJob, nowMs: number) => state.transaction((tx) => putJobs(tx, [added], nowMs));

test('jobs are put, found when due, delayed, parked, opened again, adopted, finished and counted', async () => {
  await put(job('a', '1'), 10);
  await put(job('a', '1', { notificationId: 'newer' }), 20);
  await put(job('a', '2', { eventType: 'delete' }), 30);
  await put(job('b', '1'), 15);
  await put(job('oura-c', '1', { ouraUserId: 'oura-c', state: 'parked', reason: 'waiting' }), 15);
  expect(await peopleWithDueJobs(state.read, 100, 10)).toEqual(['b', 'a']);
  expect((await loadDueJobs(state.read, 'a', 25, 10)).map(({ notificationId }) => notificationId)).toEqual(['newer']);

  await state.transaction((tx) => delayJobsOf(tx, 'b', 500));
  expect(await peopleWithDueJobs(state.read, 100, 10)).toEqual(['a']);
  await state.transaction((tx) => parkFetchesOf(tx, job('a', '1', { notificationId: 'newer' }), 'needs_consent', 40));
  expect(
    (await listJobs(state.read, { userId: 'a', state: 'parked', limit: 10 })).map(({ objectId }) => objectId),
  ).toEqual(['1']);
  await state.transaction((tx) => reopenJobsOf(tx, 'a', ['needs_consent'], 50));
  const change = { state: 'given_up', reason: 'not_found', notFoundCount: 3, failureCount: 0, nextAtMs: 60 } as const;
  await state.transaction((tx) => changeJob(tx, job('a', '2'), change, 60));

  expect(await ouraIdsWaitedFor(state.read, 'waiting')).toEqual(['oura-c']);
  const adoption = { ouraUserId: 'oura-c', userId: 'c', waitingReason: 'waiting' };
  expect(await state.transaction((tx) => adoptJobs(tx, adoption, 70))).toBe(1);
  await state.transaction((tx) => finishJob(tx, job('b', '1')));
  await state.transaction((tx) => finishJob(tx, job('a', '1')));
  expect(Object.fromEntries(await countJobs(state.read))).toEqual({ open: 2, given_up: 1 });
  expect(await peopleWithDueJobs(state.read, 1000, 10)).toEqual(['a', 'c']);
});
