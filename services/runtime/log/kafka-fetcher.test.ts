import { expect, test } from '@jest/globals';
import { systemClock } from '../clock.ts';
import type { FetchRequest, KafkaCluster } from './kafka-cluster.ts';
import { createKafkaFetcher } from './kafka-fetcher.ts';
import type { FetchedMessage } from './kafka-records.ts';

const topic = 'topic';
const maxRecords = 3;

/** A broker whose partitions hold so many records each and that fills at most so many partitions of an answer. */
function brokerWith(counts: readonly number[], { fillsAtMost = counts.length } = {}) {
  const asked: number[][] = [];
  const message = (offset: number): FetchedMessage => ({
    offset: String(offset),
    timestamp: '0',
    key: Buffer.from('k'),
    value: Buffer.from(String(offset)),
    headers: {},
  });
  const cluster: KafkaCluster = {
    partitionCount: async () => counts.length,
    leaderOf: async () => 1,
    findCoordinator: async () => {},
    async fetch(_, { topics }: FetchRequest) {
      const wanted = topics.flatMap(({ partitions }) => partitions);
      asked.push(wanted.map(({ partition }) => partition));
      await new Promise(setImmediate);
      let filled = 0;
      return wanted.map(({ partition, fetchOffset }) => {
        const count = counts[partition] ?? 0;
        const from = Number(fetchOffset);
        if (from < count) filled += 1;
        const offsets =
          filled <= fillsAtMost ? Array.from({ length: Math.max(0, count - from) }, (_, i) => from + i) : [];
        return { topic, partition, highWatermark: String(count), messages: offsets.map(message) };
      });
    },
    reset: () => {},
    close: async () => {},
  };
  return { cluster, asked };
}

/** Takes until so many records came; their offsets. */
async function takeAll(fetcher: ReturnType<typeof createKafkaFetcher>, partition: number, count: number) {
  const offsets: number[] = [];
  const limits = { maxRecords, maxBytes: 1e6 };
  while (offsets.length < count) {
    const taken = await fetcher.take({ topic, partition }, offsets.length, limits, new AbortController().signal);
    offsets.push(...(taken?.records ?? []).map(({ offset }) => offset));
  }
  return offsets;
}

test('what a fetch brought and a batch did not take is the next batch, without another fetch', async () => {
  const { cluster, asked } = brokerWith([7]);
  const fetcher = createKafkaFetcher(cluster, systemClock);
  expect(await takeAll(fetcher, 0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(asked).toEqual([[0]]);
  await fetcher.close();
});

test('a partition that got nothing because the others filled the answer loses no record: it is asked for alone', async () => {
  const { cluster, asked } = brokerWith([2, 2, 2], { fillsAtMost: 1 });
  const fetcher = createKafkaFetcher(cluster, systemClock);
  const all = await Promise.all([0, 1, 2].map((partition) => takeAll(fetcher, partition, 2)));
  expect(all).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  expect(asked[0]).toEqual([0, 1, 2]);
  expect(asked.slice(1)).toEqual([[1], [2]]);
  await fetcher.close();
});
