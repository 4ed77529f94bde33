// Compaction of the embedded log: what goes, what stays, and that the log stays the same log.
import { expect, test } from '@jest/globals';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { isWorthCompacting, tombstoneRetentionMs } from './compaction-policy.ts';
import { openSqliteLog } from './sqlite-log.ts';

const topic = 'facts.v1';
const text = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString());

async function openLog() {
  const clock = createManualClock();
  const log = await openSqliteLog({ path: ':memory:', topics: [topic], clock });
  const append = async (key: string, value: string | null) => {
    await log.append([
      { topic, partitionKey: 'p', key, value: value === null ? null : Buffer.from(value), headers: { ce_id: key } },
    ]);
  };
  const all = async () =>
    (await log.read({ topic, partition: 0, offset: 0 }, 100_000)).map(({ offset, key, value }) => [
      offset,
      key,
      text(value),
    ]);
  return { clock, log, append, all };
}

test.each([
  { next: 900, cleanedTo: 0, keptRecords: 0, hasNewTombstones: false, keepsTombstones: false, isWorth: false },
  { next: 1000, cleanedTo: 0, keptRecords: 0, hasNewTombstones: false, keepsTombstones: false, isWorth: true },
  {
    next: 12_000,
    cleanedTo: 10_000,
    keptRecords: 8000,
    hasNewTombstones: false,
    keepsTombstones: false,
    isWorth: false,
  },
  {
    next: 14_000,
    cleanedTo: 10_000,
    keptRecords: 8000,
    hasNewTombstones: false,
    keepsTombstones: false,
    isWorth: true,
  },
  { next: 2, cleanedTo: 0, keptRecords: 0, hasNewTombstones: true, keepsTombstones: false, isWorth: true },
  { next: 1, cleanedTo: 0, keptRecords: 0, hasNewTombstones: true, keepsTombstones: false, isWorth: false },
  { next: 9, cleanedTo: 8, keptRecords: 4, hasNewTombstones: true, keepsTombstones: true, isWorth: true },
])(
  'of $next records, looked at up to $cleanedTo and $keptRecords kept, compacting is worth it: $isWorth',
  ({ isWorth, ...state }) => {
    expect(isWorthCompacting(state)).toBe(isWorth);
  },
);

test('a tombstone removes what was said before it, keeps its place and leaves others alone', async () => {
  const { log, append, all } = await openLog();
  for (const [key, value] of [
    ['a', '1'],
    ['b', '1'],
    ['a', '2'],
    ['a', null],
    ['c', '1'],
  ] as const)
    await append(key, value);
  await log.compact();
  expect(await all()).toEqual([
    [1, 'b', '1'],
    [3, 'a', null],
    [4, 'c', '1'],
  ]);
  expect(await log.ranges(topic)).toEqual([{ topic, partition: 0, earliest: 1, next: 5 }]);
  await log.close();
});

test('a tombstone goes when every reader had a day to see it', async () => {
  const { clock, log, append, all } = await openLog();
  await append('a', '1');
  await append('a', null);
  await append('b', '1');
  await log.compact();
  await clock.advance(tombstoneRetentionMs + 1);
  await append('c', null);
  await append('d', '1');
  await log.compact();
  expect(await all()).toEqual([
    [2, 'b', '1'],
    [3, 'c', null],
    [4, 'd', '1'],
  ]);
  await log.close();
});

test('where nothing follows, all tombstones but the very last go after a day all the same', async () => {
  const { clock, log, append, all } = await openLog();
  for (const [key, value] of [
    ['a', '1'],
    ['b', '1'],
    ['a', null],
    ['b', null],
    ['closing', null],
  ] as const)
    await append(key, value);
  await log.compact();
  expect(await all()).toEqual([
    [2, 'a', null],
    [3, 'b', null],
    [4, 'closing', null],
  ]);
  await clock.advance(tombstoneRetentionMs + 1);
  await log.compact();
  expect(await all()).toEqual([[4, 'closing', null]]);
  await log.close();
});

test('of many versions of each key the last stays, over several passes, and offsets go on', async () => {
  const { log, append, all } = await openLog();
  for (let version = 0; version < 120; version += 1) {
    for (let key = 0; key < 20; key += 1) await append(`k${key}`, `v${version}`);
    if (version % 60 === 59) await log.compact();
  }
  const left = await all();
  // The last record is not looked at until another follows, so its key may stand twice.
  expect(left.slice(-20).map(([, key, value]) => [key, value])).toEqual(
    Array.from({ length: 20 }, (_, key) => [`k${key}`, 'v119']),
  );
  expect(left.length).toBeLessThanOrEqual(21);
  await append('later', 'x');
  expect((await all()).at(-1)).toEqual([2400, 'later', 'x']);
  await log.close();
});

test('a reader in the middle of what was removed goes on with what is left', async () => {
  const { log, append } = await openLog();
  for (const value of ['1', '2', '3']) await append('a', value);
  await append('a', null);
  await append('b', '1');
  await log.compact();
  expect((await log.read({ topic, partition: 0, offset: 1 }, 1)).map(({ offset }) => offset)).toEqual([3]);
  await log.close();
});

test('a topic whose keys never repeat loses nothing', async () => {
  const { log, append, all } = await openLog();
  for (let key = 0; key < 1100; key += 1) await append(`k${key}`, 'v');
  await log.compact();
  expect(await all()).toHaveLength(1100);
  await log.close();
});
