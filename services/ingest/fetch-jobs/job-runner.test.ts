import { expect, test } from '@jest/globals';
import pino from 'pino';
import { decodeDocument } from '../../../schemas/document.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createFakeOura, okJson } from '../../../test/support/fake-oura.ts';
import { heldLease } from '../../../test/support/held-lease.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createRecordingLog } from '../../../test/support/recording-log.ts';
import { Failure } from '../../runtime/failure.ts';
import { listJobs, type NewFetchJob, putJobs } from '../../storage/fetch-jobs.ts';
import { adoptPerson } from '../../storage/people.ts';
import { createOutboxPublisher } from '../versions/outbox-publisher.ts';
import { createJobRunner } from './job-runner.ts';

const second = 1_000;
const minute = 60 * second;

async function open({ isHeld = true } = {}) {
  const state = await openTestState();
  const log = createRecordingLog();
  const clock = createManualClock();
  const oura = createFakeOura();
  const counted: string[] = [];
  const lease = { ...heldLease, isHeld, held: () => lease.isHeld };
  const runner = createJobRunner({
    state,
    clock,
    client: oura,
    versions: { state, clock, outbox: createOutboxPublisher({ state, log }) },
    logger: pino({ level: 'silent' }),
    lease,
    concurrency: 4,
    chance: () => 0.5,
    everyMs: 20 * second,
    count: (outcome) => counted.push(outcome),
  });
  let serial = 0;
  const add = async (change: Partial<NewFetchJob> = {}) => {
    const nowMs = clock.now();
    const job: NewFetchJob = {
      userId: 'u1',
      dataType: 'sleep',
      objectId: 'a',
      ouraUserId: 'o1',
      eventType: 'update',
      eventAtMs: nowMs,
      notifiedAtMs: nowMs,
      notificationId: `n${++serial}`,
      state: 'open',
      reason: null,
      ...change,
    };
    await state.transaction((tx) => putJobs(tx, [job], nowMs));
    runner.poke();
  };
  const grant = (scopes: string, userId = 'u1') =>
    state.transaction((tx) =>
      tx
        .insertInto('grants')
        .values({
          user_id: userId,
          tokens: 'sealed',
          scopes,
          token_url: 'https://example.test',
          grant_state: 'active',
          generation: 1,
          expires_at_ms: 0,
          issued_at_ms: 0,
          refresh_failures: 0,
          refresh_after_ms: 0,
          lock_holder: null,
          lock_until_ms: 0,
        })
        .execute(),
    );
  const connect = async () => {
    await state.transaction((tx) => runner.reopenFor(tx, { userId: 'u1', ouraUserId: 'o1' }));
    runner.poke();
  };
  const close = async () => {
    await runner.stop();
    await state.close();
  };
  const jobs = () => listJobs(state.read, { limit: 100 });
  const versions = () => log.records.map(decodeDocument);
  runner.start();
  return { state, log, clock, oura, runner, lease, counted, add, grant, connect, jobs, versions, close };
}

const sleepPath = '/v2/usercollection/sleep/';

test('a due job fetches its document, puts it on the log and goes away', async () => {
  const { clock, oura, add, jobs, versions, counted, close } = await open();
  oura.answer('/v2/usercollection/vO2_max/x%2Fy', okJson('{"id":"x/y", "vo2_max":44}', clock.now()));
  await add({ dataType: 'vo2_max', objectId: 'x/y' });
  await clock.advance(second);
  expect(versions()).toMatchObject([{ resource: 'vo2_max', objectId: 'x/y', via: 'webhook', sequence: 1 }]);
  expect(await jobs()).toEqual([]);
  expect(counted).toEqual(['document']);
  await close();
});

test('a 404 right after the notification is asked again with growing waits, then given up with the reason', async () => {
  const { clock, oura, add, jobs, counted, close } = await open();
  await add();
  await clock.advance(second);
  expect(await jobs()).toMatchObject([{ state: 'open', reason: 'not_found_yet', notFoundCount: 1 }]);
  await clock.advance(3 * 60 * minute);
  expect(oura.requests).toHaveLength(8);
  expect(await jobs()).toMatchObject([{ state: 'given_up', reason: 'not_found_after_retries' }]);
  expect(counted.at(-1)).toBe('not_found_after_retries');
  await close();
});

test('a document that appears after a 404 is recorded', async () => {
  const { clock, oura, add, jobs, versions, close } = await open();
  await add();
  await clock.advance(second);
  oura.answer(sleepPath, okJson({ id: 'a' }, clock.now()));
  await clock.advance(2 * minute);
  expect(versions()).toHaveLength(1);
  expect(await jobs()).toEqual([]);
  await close();
});

test("one person's limit, lost grant and 404 delay nobody else", async () => {
  const { clock, oura, add, jobs, versions, close } = await open();
  oura.answer(sleepPath, ({ userId }) => {
    if (userId === 'limited') return { kind: 'rate-limited', retryAfterMs: 5 * minute };
    if (userId === 'withdrawn') return { kind: 'needs-consent' };
    return userId === 'early' ? { kind: 'not-found' } : okJson({ id: 'a' }, clock.now());
  });
  for (const userId of ['limited', 'withdrawn', 'early', 'fine']) {
    await add({ userId });
    await add({ userId, objectId: 'b' });
  }
  await clock.advance(second);
  expect(versions().map(({ userId }) => userId)).toEqual(['fine', 'fine']);
  const asked = (userId: string) => oura.requests.filter((request) => request.userId === userId).length;
  expect([asked('limited'), asked('withdrawn'), asked('early')]).toEqual([1, 1, 2]);
  const states = (await jobs()).map(({ userId, state, reason }) => `${userId} ${state} ${reason}`);
  expect(states.filter((line) => line.startsWith('withdrawn'))).toEqual(
    Array(2).fill('withdrawn parked needs_consent'),
  );
  await clock.advance(4 * minute);
  expect(asked('limited')).toBe(1);
  await clock.advance(minute);
  expect(asked('limited')).toBe(2);
  await close();
});

test('what was parked for want of a grant runs when the person connects again', async () => {
  const { clock, oura, add, connect, versions, close } = await open();
  oura.answer(sleepPath, { kind: 'needs-consent' });
  await add();
  await clock.advance(minute);
  oura.answer(sleepPath, okJson({ id: 'a' }, clock.now()));
  await connect();
  await clock.advance(second);
  expect(versions()).toHaveLength(1);
  await close();
});

test('what came for somebody unknown runs when they connect, in this process or another', async () => {
  const { state, clock, oura, add, runner, connect, versions, jobs, close } = await open();
  oura.answer(sleepPath, okJson({ id: 'a' }, clock.now()));
  const waiting = { userId: 'unknown-1', state: 'parked', reason: 'waiting_for_connection' } as const;
  await add(waiting);
  await add({ ...waiting, userId: 'unknown-2', ouraUserId: 'o2' });
  await clock.advance(minute);
  expect(oura.requests).toEqual([]);
  await connect();
  const other = await state.transaction((tx) => adoptPerson(tx, { name: 'Ben', ouraUserId: 'o2', nowMs: 1 }));
  await runner.adoptWaiting();
  await clock.advance(second);
  expect(new Set(versions().map(({ userId }) => userId))).toEqual(new Set(['u1', other.userId]));
  expect(versions()).toHaveLength(2);
  expect(await jobs()).toEqual([]);
  await close();
});

test('a type outside the granted scopes is not asked for and stands in the list', async () => {
  const { clock, oura, add, grant, jobs, close } = await open();
  await grant('daily');
  await add({ dataType: 'workout' });
  await clock.advance(second);
  expect(oura.requests).toEqual([]);
  expect(await jobs()).toMatchObject([{ state: 'given_up', reason: 'scope_missing' }]);
  await close();
});

test('a deletion is a tombstone without asking Oura; an update after it brings the document back', async () => {
  const { clock, oura, add, versions, close } = await open();
  await add({ eventType: 'delete' });
  await clock.advance(second);
  expect(oura.requests).toEqual([]);
  oura.answer(sleepPath, ({ path }) => okJson({ id: path }, clock.now()));
  await add();
  await clock.advance(second);
  expect(versions().map(({ deleted, sequence }) => [sequence, deleted])).toEqual([
    [1, true],
    [2, false],
  ]);
  await close();
});

test('a deletion that happened before the document was last seen is checked with Oura', async () => {
  const { clock, oura, add, versions, close } = await open();
  const deletedAtMs = clock.now();
  await clock.advance(minute);
  oura.answer(sleepPath, ({ path }) =>
    path.endsWith('/a') ? okJson({ id: 'a' }, clock.now()) : { kind: 'not-found' },
  );
  await add();
  await clock.advance(second);
  await add({ eventType: 'delete', eventAtMs: deletedAtMs });
  await clock.advance(second);
  expect(versions().map(({ deleted }) => deleted)).toEqual([false]);
  oura.answer(sleepPath, { kind: 'not-found' });
  await add({ eventType: 'delete', eventAtMs: deletedAtMs + 1 });
  await clock.advance(second);
  expect(versions().map(({ deleted }) => deleted)).toEqual([false, true]);
  await close();
});

test('a notification that comes after that of the deletion is done with the first 404; one of a later event waits', async () => {
  const { clock, oura, add, jobs, versions, close } = await open();
  oura.answer(sleepPath, { kind: 'not-found' });
  const updatedAtMs = clock.now();
  await add({ eventType: 'delete', eventAtMs: updatedAtMs + second });
  await clock.advance(2 * second);
  await add({ eventAtMs: updatedAtMs });
  await clock.advance(second);
  expect(oura.requests).toHaveLength(1);
  expect(await jobs()).toEqual([]);
  expect(versions().map(({ deleted }) => deleted)).toEqual([true]);
  await add();
  await clock.advance(second);
  expect(await jobs()).toMatchObject([{ state: 'open', reason: 'not_found_yet' }]);
  await close();
});

test('an answer that is no document is asked for again and given up after ten tries', async () => {
  const { clock, oura, add, jobs, close } = await open();
  oura.answer(sleepPath, okJson('<html>', clock.now()));
  await add();
  await clock.advance(3 * 60 * minute);
  expect(await jobs()).toMatchObject([{ state: 'given_up', reason: 'unreadable_answer' }]);
  expect(oura.requests).toHaveLength(11);
  await close();
});

test('a notification that comes while its object is being fetched makes it fetched once more', async () => {
  const { clock, oura, add, versions, close } = await open();
  const first = Promise.withResolvers<void>();
  let asked = 0;
  oura.answer(sleepPath, async () => {
    asked += 1;
    const score = asked;
    if (score === 1) await first.promise;
    return okJson({ id: 'a', score }, clock.now());
  });
  await add();
  await clock.advance(second);
  await add();
  first.resolve();
  await clock.advance(2 * second);
  expect(asked).toBe(2);
  expect(versions()).toHaveLength(2);
  await close();
});

test('while the log is down a job stays open, and is done without a hand once it is back', async () => {
  const { clock, oura, log, add, jobs, runner, versions, close } = await open();
  oura.answer(sleepPath, okJson({ id: 'a' }, clock.now()));
  log.failure = new Failure('dependency', 'the log is down');
  await add();
  await clock.advance(5 * second);
  expect(runner.problem()).toContain('the log is down');
  expect(await jobs()).toHaveLength(1);
  log.failure = undefined;
  await add({ objectId: 'b' });
  await clock.advance(2 * minute);
  expect(versions().map(({ objectId }) => objectId)).toEqual(['a', 'b']);
  expect(await jobs()).toEqual([]);
  expect(runner.problem()).toBeUndefined();
  await close();
});

test('a store that refuses us for good stops the jobs and says so', async () => {
  const { clock, oura, log, add, runner, close } = await open();
  oura.answer(sleepPath, okJson({ id: 'a' }, clock.now()));
  log.failure = new Failure('configuration', 'wrong password');
  await add();
  await clock.advance(minute);
  expect(runner.isAlive()).toBe(false);
  expect(runner.problem()).toContain('wrong password');
  await close();
});

test('without the lease nothing runs; with it what waited does', async () => {
  const { clock, oura, lease, add, close } = await open({ isHeld: false });
  await add();
  await clock.advance(minute);
  expect(oura.requests).toEqual([]);
  lease.isHeld = true;
  await clock.advance(minute);
  expect(oura.requests).toHaveLength(1);
  await close();
});
