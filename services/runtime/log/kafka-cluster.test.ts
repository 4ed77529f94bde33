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

const unknown = Object.assign(new Error('this server does not host it'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
const down = new Error('no broker answers');

/** What each answer in turn means, after so much time. */
async function meanings(
  known: readonly string[],
  answers: readonly (readonly [afterMs: number, answer: Error | undefined])[],
) {
  let current: Error | undefined;
  const { client } = clientThatKnows({ afterTries: 0 });
  const failing: Cluster = {
    ...client,
    connect: async () => {
      if (current) throw current;
    },
  };
  const cluster = overClusters(() => failing, clock, known);
  const kinds: unknown[] = [];
  for (const [afterMs, answer] of answers) {
    await clock.advance(afterMs);
    current = answer;
    kinds.push(await cluster.partitionCount(topic).catch(failureKind));
  }
  return kinds;
}

test('a topic that was known is waited for five minutes from when the broker says first that it is not there, however long the outage before', async () => {
  const afterOutage = [
    [0, down],
    [600_000, unknown],
    [299_000, unknown],
    [1_000, unknown],
  ] as const;
  expect(await meanings([topic], afterOutage)).toEqual(['dependency', 'dependency', 'dependency', 'configuration']);
  for (const between of [down, undefined]) {
    const kinds = await meanings(
      [topic],
      [
        [0, unknown],
        [200_000, between],
        [200_000, unknown],
      ],
    );
    expect(kinds.at(-1)).toBe('dependency');
  }
});

test('a topic that was never there is missing at once', async () => {
  expect(await meanings([], [[0, unknown]])).toEqual(['configuration']);
});
