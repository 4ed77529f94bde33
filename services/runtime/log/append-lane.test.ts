import { expect, test } from '@jest/globals';
import { type CommitTarget, createAppendLane } from './append-lane.ts';
import { packRecords } from './packed-records.ts';

const batch = (records: number, bytes = 10) =>
  packRecords(
    Array.from({ length: records }, () => ({
      topic: 't',
      partitionKey: 'p',
      key: 'k',
      value: new Uint8Array(bytes),
      headers: {},
    })),
    Array<number>(records).fill(1),
    0,
  );

function createTarget() {
  const commits: { sizes: number[]; resolve(): void; reject(error: Error): void }[] = [];
  const target: CommitTarget = {
    commit: (batches) =>
      new Promise((resolve, reject) => {
        const offsets = batches.map(({ keys }) => keys.map((_, index) => index));
        commits.push({ sizes: batches.map(({ keys }) => keys.length), resolve: () => resolve(offsets), reject });
      }),
  };
  return { target, commits };
}
const tick = () => new Promise(setImmediate);

test('what one turn of the event loop brings is committed together and acknowledged only then', async () => {
  const { target, commits } = createTarget();
  const lane = createAppendLane(target, { maxRecords: 100, maxBytes: 1000 });
  let acknowledged = 0;
  const appends = [batch(1), batch(2), batch(1)].map((each) => lane.append(each).then(() => (acknowledged += 1)));
  await tick();
  expect(commits.map(({ sizes }) => sizes)).toEqual([[1, 2, 1]]);
  expect(acknowledged).toBe(0);
  commits[0]?.resolve();
  await Promise.all(appends);
  expect(acknowledged).toBe(3);
});

test('past the bound there is no room until something is durable; a single large append is taken when nothing waits', async () => {
  const { target, commits } = createTarget();
  const lane = createAppendLane(target, { maxRecords: 10, maxBytes: 1000 });
  expect(lane.hasRoom(50)).toBe(true);
  const first = lane.append(batch(8));
  expect(lane.hasRoom(2)).toBe(true);
  expect(lane.hasRoom(3)).toBe(false);
  await tick();
  commits[0]?.resolve();
  await first;
  expect(lane.hasRoom(10)).toBe(true);
  const large = lane.append(batch(1, 2000));
  expect(lane.hasRoom(1)).toBe(false);
  await tick();
  commits[1]?.resolve();
  await large;
  expect(lane.hasRoom(1)).toBe(true);
});

test('a commit that fails rejects all it held, and makes room again', async () => {
  const { target, commits } = createTarget();
  const lane = createAppendLane(target, { maxRecords: 2, maxBytes: 1000 });
  const appends = Promise.allSettled([lane.append(batch(1)), lane.append(batch(1))]);
  await tick();
  expect(lane.hasRoom(1)).toBe(false);
  commits[0]?.reject(new Error('disk full'));
  expect((await appends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(lane.hasRoom(2)).toBe(true);
});

test('callers are those whose append has no answer yet, however many records they brought', async () => {
  const { target, commits } = createTarget();
  const lane = createAppendLane(target, { maxRecords: 100, maxBytes: 1000 });
  const first = [lane.append(batch(5)), lane.append(batch(1))];
  await tick();
  const second = lane.append(batch(1));
  expect(lane.callers()).toBe(3);
  commits[0]?.resolve();
  await Promise.all(first);
  expect(lane.callers()).toBe(1);
  await tick();
  commits[1]?.reject(new Error('disk full'));
  await expect(second).rejects.toThrow('disk full');
  expect(lane.callers()).toBe(0);
});
