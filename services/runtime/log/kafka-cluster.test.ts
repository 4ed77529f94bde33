import { expect, test } from '@jest/globals';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { failureKind } from '../failure.ts';
import { type Cluster, overClusters } from './kafka-cluster.ts';

const topic = 'topic';
const clock = createManualClock();
const partitions = [0, 1].map((partitionId) => ({ partitionId, leader: 1 }));

/** A client of kafkajs whose metadata hold the topic after it was asked for so many times beyond the first. */
function clientThatKnows({ afterTries, connect }: { afterTries: number; connect?: Promise<void> }) {
  const asked: string[] = [];
  let tries = 0;
  let ended = 0;
  const client: Cluster = {
    connect: async () => connect,
    disconnect: async () => {
      ended += 1;
    },
    addMultipleTargetTopics: async (topics) => void asked.push(...topics),
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: async () => {
      tries += 1;
    },
    findTopicPartitionMetadata: () => (tries >= afterTries ? partitions : []),
    findBroker: async () => {
      throw new Error('no broker is asked here');
    },
  };
  return { client, asked, ended: () => ended };
}

test('an answer that knows nothing of the topic is asked for again', async () => {
  const cluster = overClusters(() => clientThatKnows({ afterTries: 1 }).client, clock);
  expect(await cluster.leaderOf({ topic, partition: 1 })).toBe(1);
});

test('a topic whose partitions are not told for a while is waited for; a partition that others stand beside is not there', async () => {
  const silent = overClusters(() => clientThatKnows({ afterTries: Number.POSITIVE_INFINITY }).client, clock);
  await expect(silent.leaderOf({ topic, partition: 0 })).rejects.toMatchObject({ kind: 'dependency' });
  const cluster = overClusters(() => clientThatKnows({ afterTries: 0 }).client, clock);
  await expect(cluster.leaderOf({ topic, partition: 2 })).rejects.toMatchObject({ kind: 'configuration' });
});

test('what was asked before a reset stays with the client it was asked of, which is ended once more', async () => {
  const connecting = Promise.withResolvers<void>();
  const first = clientThatKnows({ afterTries: 0, connect: connecting.promise });
  const second = clientThatKnows({ afterTries: 0 });
  const clients = [first.client, second.client];
  const cluster = overClusters(() => clients.shift() ?? second.client, clock);
  const leader = cluster.leaderOf({ topic, partition: 0 });
  cluster.reset();
  connecting.resolve();
  expect(await leader).toBe(1);
  expect([first.asked, second.asked]).toEqual([[topic], []]);
  expect([first.ended(), second.ended()]).toEqual([2, 0]);
});

test('a topic that was known before a long outage is waited for from its end on', async () => {
  const unknown = Object.assign(new Error('this server does not host it'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  let error = new Error('no broker answers');
  const { client } = clientThatKnows({ afterTries: 0 });
  const failing: Cluster = { ...client, connect: () => Promise.reject(error) };
  const cluster = overClusters(() => failing, clock, [topic]);
  const kinds: unknown[] = [];
  for (const [next, afterMs] of [
    [error, 0],
    [unknown, 600_000],
    [unknown, 299_000],
    [unknown, 1_000],
  ] as const) {
    await clock.advance(afterMs);
    error = next;
    kinds.push(await cluster.partitionCount(topic).catch(failureKind));
  }
  expect(kinds).toEqual(['dependency', 'dependency', 'dependency', 'configuration']);
});
