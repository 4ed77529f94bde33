import { expect, test } from '@jest/globals';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { settle } from '../../../test/support/settle.ts';
import type { BatchVerdict, LogBatch, LogRecord } from './message-log.ts';
import { deliverPartition, type Pacing, unpaced } from './partition-delivery.ts';
import type { PartitionSource } from './partition-source.ts';

const at = { topic: 'topic', partition: 0 };

/** A partition that grows, delivered at a pace; `batches` are the offsets of each batch that came. */
async function deliver(pace: Partial<Pacing>, { maxRecords = 500 } = {}) {
  const clock = createManualClock();
  const records: LogRecord[] = [];
  const batches: number[][] = [];
  let verdict: Partial<BatchVerdict> = {};
  let wake = () => {};
  const source: PartitionSource = {
    async take(_, from, limits, signal) {
      while (records.length <= from && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve());
        });
      }
      if (signal.aborted) return undefined;
      return { records: records.slice(from, from + limits.maxRecords), next: records.length };
    },
  };
  const delivery = deliverPartition({
    at,
    start: async () => 0,
    source,
    subscription: {
      group: 'group',
      topics: ['topic'],
      maxRecords,
      startOffset: async () => 'earliest',
      onBatch: async (batch: LogBatch) => {
        batches.push(batch.records.map(({ offset }) => offset));
        return { nextOffset: (batch.records.at(-1)?.offset ?? -1) + 1, ...verdict };
      },
      onFailure: () => {},
    },
    clock,
    pacing: { ...unpaced, ...pace },
    onPosition: () => {},
    onFailure: () => {},
  });
  await delivery.begun;
  return {
    clock,
    batches,
    waits: (retryAfterMs: number | undefined) => {
      verdict = retryAfterMs === undefined ? {} : { retryAfterMs };
    },
    async append(count = 1) {
      for (let added = 0; added < count; added += 1) {
        const offset = records.length;
        records.push({ ...at, offset, appendedAtMs: 0, key: String(offset), value: null, headers: {} });
      }
      wake();
      await settle();
    },
    end: () => delivery.end({ revoked: false }),
  };
}

test('a record that comes alone is delivered at once, those that trickle in after it together', async () => {
  const { append, batches, clock, end } = await deliver({ intervalMs: (hasTakenAll) => (hasTakenAll ? 25 : 0) });
  await append();
  expect(batches).toEqual([[0]]);
  await append();
  await clock.advance(10);
  await append();
  expect(batches).toEqual([[0]]);
  await clock.advance(15);
  expect(batches).toEqual([[0], [1, 2]]);
  await clock.advance(25);
  await append();
  expect(batches.at(-1)).toEqual([3]);
  await end();
});

test('a backlog is delivered without a pause', async () => {
  const paced = await deliver({ intervalMs: (hasTakenAll) => (hasTakenAll ? 25 : 0) }, { maxRecords: 2 });
  await paced.append(5);
  expect(paced.batches).toEqual([[0, 1], [2, 3], [4]]);
  await paced.end();
});

test('a verdict that asks to wait is waited for, whatever the pace', async () => {
  const { append, batches, clock, waits, end } = await deliver({ intervalMs: () => 25 });
  waits(1000);
  await append();
  waits(undefined);
  await append();
  await clock.advance(999);
  expect(batches).toEqual([[0]]);
  await clock.advance(1);
  expect(batches).toEqual([[0], [1]]);
  await end();
});

test('a batch holds no more than the pace allows or the subscription asks for', async () => {
  for (const [allowed, asked] of [
    [2, 3],
    [3, 2],
  ] as const) {
    const paced = await deliver({ maxRecords: () => allowed }, { maxRecords: asked });
    await paced.append(3);
    expect(paced.batches).toEqual([[0, 1], [2]]);
    await paced.end();
  }
});

test('without a pace a batch holds what the subscription asks for', async () => {
  const backlog = await deliver({}, { maxRecords: 1200 });
  await backlog.append(1500);
  expect(backlog.batches.map(({ length }) => length)).toEqual([1200, 300]);
  await backlog.end();
});
