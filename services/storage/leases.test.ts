import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import type { Clock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { guardedBy, keepLease } from './lease-keeper.ts';
import { acquireLease, holdsLease, releaseLease, renewLease } from './leases.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const termMs = 1000;

async function openLeases() {
  const state = await openTestState();
  return {
    state,
    acquire: (owner: string, nowMs: number, name = 'polls') =>
      state.transaction((tx) => acquireLease(tx, { name, owner, nowMs, termMs })),
    renew: (token: number, nowMs: number) =>
      state.transaction((tx) => renewLease(tx, { name: 'polls', token, nowMs, termMs })),
    release: (token: number) => state.transaction((tx) => releaseLease(tx, { name: 'polls', token })),
    holds: (token: number) => state.transaction((tx) => holdsLease(tx, { name: 'polls', token })),
  };
}

test('one owner at a time holds a lease, and each change of hands raises the token', async () => {
  const { state, acquire } = await openLeases();
  expect(await acquire('a', 0)).toBe(1);
  expect(await acquire('b', 999)).toBeUndefined();
  expect(await acquire('b', 0, 'alerts')).toBe(1);
  expect(await acquire('b', 1000)).toBe(2);
  expect(await acquire('a', 1001)).toBeUndefined();
  await state.close();
});

test('an owner that starts again under its name takes its lease at once, and its former self is fenced', async () => {
  const { state, acquire, renew } = await openLeases();
  await acquire('a', 0);
  expect(await acquire('a', 1)).toBe(2);
  expect(await renew(1, 2)).toBe(false);
  await state.close();
});

test('a lease is prolonged by its holder alone, also late as long as nobody took it', async () => {
  const { state, acquire, renew } = await openLeases();
  await acquire('a', 0);
  expect(await renew(1, 900)).toBe(true);
  expect(await acquire('b', 1500)).toBeUndefined();
  expect(await renew(1, 5000)).toBe(true);
  expect(await acquire('b', 6000)).toBe(2);
  expect(await renew(1, 6001)).toBe(false);
  await state.close();
});

test('a lease that was given back is free at once; a former holder cannot give it away', async () => {
  const { state, acquire, release } = await openLeases();
  await acquire('a', 0);
  await release(1);
  expect(await acquire('b', 1)).toBe(2);
  await release(1);
  expect(await acquire('c', 2)).toBeUndefined();
  await state.close();
});

test('the fence tells a former holder from the present one', async () => {
  const { state, acquire, holds } = await openLeases();
  expect(await holds(1)).toBe(false);
  await acquire('a', 0);
  expect(await holds(1)).toBe(true);
  await acquire('b', 1000);
  expect([await holds(1), await holds(2)]).toEqual([false, true]);
  await state.close();
});

test('of two keepers one holds; when it stops the other takes over', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  const keep = (owner: string) => keepLease({ state, name: 'polls', owner, clock, logger, termMs });
  const first = keep('a');
  await clock.advance(0);
  const second = keep('b');
  await clock.advance(5000);
  expect([first.held(), second.held()]).toEqual([true, false]);
  expect(first.token()).toBe(1);
  await first.stop();
  await first.stop();
  expect(first.held()).toBe(false);
  await clock.advance(termMs);
  expect([second.held(), second.token()]).toEqual([true, 2]);
  await second.stop();
  await state.close();
});

test('what a holder that was paused is in the middle of is refused once another has the lease', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  let isPaused = false;
  const pausing: Clock = {
    now: clock.now,
    wait: async (durationMs, signal) => {
      await clock.wait(durationMs, signal);
      while (isPaused && !signal?.aborted) await clock.wait(durationMs, signal);
    },
  };
  const paused = keepLease({ state, name: 'polls', owner: 'a', clock: pausing, logger, termMs });
  await clock.advance(0);
  const other = keepLease({ state, name: 'polls', owner: 'b', clock, logger, termMs });
  const guarded = guardedBy(paused, state);
  const write = (owner: string) =>
    guarded.transaction((tx) =>
      tx
        .insertInto('leases')
        .values({ name: `by ${owner}`, owner, token: 1, expires_at_ms: 0 })
        .execute(),
    );
  await write('a in time');
  isPaused = true;
  await clock.advance(2 * termMs);
  expect([paused.held(), other.held()]).toEqual([false, true]);
  await expect(write('a too late')).rejects.toThrow('another process took over the lease polls');
  const rows = await state.read.selectFrom('leases').select('name').orderBy('name').execute();
  expect(rows.map(({ name }) => name)).toEqual(['by a in time', 'polls']);
  await paused.stop();
  await other.stop();
  await state.close();
});

test('clocks that differ by an hour never make two holders', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  let isDown = false;
  const flaky: typeof state = {
    ...state,
    transaction: (work) => (isDown ? Promise.reject(new Error('down')) : state.transaction(work)),
  };
  const shared = { name: 'polls', logger, termMs, sharedNowMs: async () => clock.now() };
  const cutOff = keepLease({ ...shared, state: flaky, owner: 'a', clock });
  await clock.advance(0);
  const ahead = { now: () => clock.now() + 3_600_000, wait: clock.wait };
  const other = keepLease({ ...shared, state, owner: 'b', clock: ahead });
  await clock.advance(5 * termMs);
  expect([cutOff.held(), other.held()]).toEqual([true, false]);
  isDown = true;
  for (let elapsedMs = 0; elapsedMs < 2 * termMs; elapsedMs += 50) {
    await clock.advance(50);
    expect(cutOff.held() && other.held()).toBe(false);
  }
  expect(other.held()).toBe(true);
  await cutOff.stop();
  await other.stop();
  await state.close();
});

test('a keeper that cannot renew stops believing before another can take over', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  let isDown = false;
  const flaky: typeof state = {
    ...state,
    transaction: (work) => (isDown ? Promise.reject(new Error('down')) : state.transaction(work)),
  };
  const cutOff = keepLease({ state: flaky, name: 'polls', owner: 'a', clock, logger, termMs });
  await clock.advance(0);
  isDown = true;
  const other = keepLease({ state, name: 'polls', owner: 'b', clock, logger, termMs });
  for (let elapsedMs = 0; elapsedMs < 3 * termMs; elapsedMs += 50) {
    await clock.advance(50);
    expect(cutOff.held() && other.held()).toBe(false);
  }
  expect(other.held()).toBe(true);
  isDown = false;
  await clock.advance(termMs);
  expect([cutOff.held(), cutOff.token()]).toEqual([false, undefined]);
  await cutOff.stop();
  await other.stop();
  await state.close();
});
