// Gets records from Kafka for many partitions at once: one long poll per leading broker covers all partitions that wait for records. A
// partition whose batch is being handled is not asked for, so a slow one never holds up the others. What a fetch brought and a batch did not take is kept
// for the next batch; beyond that nothing is fetched ahead.
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import { type FetchedPartition, usableRecords } from './kafka-records.ts';
import type { TopicPartition } from './message-log.ts';
import { type PartitionSource, partitionName, type ReadLimits, type TakenRecords } from './partition-source.ts';

export interface KafkaFetcher extends PartitionSource {
  close(): Promise<void>;
}

interface Waiting {
  at: TopicPartition;
  from: number;
  limits: ReadLimits;
  /** Nothing came though there is something: the others may have filled the answer, or compaction emptied the stretch. Asked for alone it tells. */
  cameEmpty: boolean;
  resolve(taken: TakenRecords | undefined): void;
  reject(error: Error): void;
}

/** How long a poll may wait at the broker when every partition is in it. */
const longPollMs = 500;
/** While a partition is being handled it will soon ask again and should not wait out a long poll of the others. */
const shortPollMs = 20;
/** A handler that takes longer than this is not waited for with short polls. */
const soonMs = 2000;
const maxBytesPerPartition = 2 * 1024 * 1024;
/** So the partitions take turns, and some are handled while others are fetched. */
const maxBytesPerFetch = 4 * 1024 * 1024;

export function createKafkaFetcher(cluster: KafkaCluster, clock: Clock): KafkaFetcher {
  const waiting = new Map<string, Waiting>();
  /** When partitions were last given records that are being handled now. */
  const givenAtMs = new Map<string, number>();
  /** What is left of a fetch, from an offset on. */
  const kept = new Map<string, { from: number; fetched: FetchedPartition }>();
  let running: Promise<void> | undefined;
  let closed = false;

  const isSoonBack = () => [...givenAtMs.values()].some((atMs) => clock.now() - atMs < soonMs);
  /** True when the fetch held records for it. */
  const settle = (each: Waiting, fetched: FetchedPartition, isAlone: boolean): boolean => {
    const name = partitionName(each.at);
    const { records, from, next, rest } = usableRecords(fetched, each, isAlone);
    each.cameEmpty = records.length === 0 && from === each.from && next > from;
    each.from = from;
    if (records.length === 0) return false;
    if (rest.length > 0) kept.set(name, { from, fetched: { ...fetched, messages: rest } });
    waiting.delete(name);
    givenAtMs.set(name, clock.now());
    each.resolve({ records, next });
    return true;
  };
  const reject = (each: Waiting, error: Error) => {
    waiting.delete(partitionName(each.at));
    each.reject(error);
  };
  const pollLeader = async (leader: number, group: readonly Waiting[], maxWaitTime: number) => {
    const fetched = await cluster.fetch(leader, {
      maxWaitTime,
      minBytes: 1,
      maxBytes: maxBytesPerFetch,
      topics: group.map(({ at, from }) => ({
        topic: at.topic,
        partitions: [{ partition: at.partition, fetchOffset: String(from), maxBytes: maxBytesPerPartition }],
      })),
    });
    for (const partition of fetched) {
      const each = waiting.get(partitionName(partition));
      if (each && group.includes(each)) settle(each, partition, group.length === 1);
    }
  };
  const pollOnce = async () => {
    const all = [...waiting.values()];
    const suspect = all.find(({ cameEmpty }) => cameEmpty);
    const group = suspect ? [suspect] : all;
    const leaders = await Promise.all(group.map(({ at }) => cluster.leaderOf(at)));
    const byLeader = Map.groupBy(group, (_, index) => leaders[index] ?? -1);
    const maxWaitTime = isSoonBack() ? shortPollMs : longPollMs;
    try {
      await Promise.all([...byLeader].map(([leader, own]) => pollLeader(leader, own, maxWaitTime)));
    } catch (error) {
      const outOfRange = outOfRangeAt(error);
      const each = outOfRange && waiting.get(outOfRange);
      if (!each) throw error;
      reject(
        each,
        new Failure('configuration', `${outOfRange} has no offset ${each.from}: the topic was made anew or cut`),
      );
    }
  };
  const run = async () => {
    while (waiting.size > 0 && !closed) {
      try {
        await pollOnce();
      } catch (error) {
        const failure = asKafkaFailure(error, 'fetch');
        cluster.reset();
        for (const each of [...waiting.values()]) reject(each, failure);
      }
    }
    running = undefined;
  };
  return {
    take: (at, from, limits, signal) =>
      new Promise((resolve, rejectTake) => {
        const name = partitionName(at);
        givenAtMs.delete(name);
        if (signal.aborted || closed) return resolve(undefined);
        const abort = () => {
          if (waiting.get(name) === own) waiting.delete(name);
          resolve(undefined);
        };
        const own: Waiting = {
          at,
          from,
          limits,
          cameEmpty: false,
          resolve: (taken) => {
            signal.removeEventListener('abort', abort);
            resolve(taken);
          },
          reject: (error) => {
            signal.removeEventListener('abort', abort);
            rejectTake(error);
          },
        };
        signal.addEventListener('abort', abort, { once: true });
        const left = kept.get(name);
        kept.delete(name);
        if (left?.from === from && settle(own, left.fetched, true)) return;
        waiting.set(name, own);
        // In the next turn, so that partitions that ask together are polled together.
        running ??= new Promise<void>((begin) => setImmediate(begin)).then(run);
      }),
    close: async () => {
      closed = true;
      for (const each of [...waiting.values()]) each.resolve(undefined);
      waiting.clear();
      kept.clear();
      await cluster.close();
      await running;
    },
  };
}

/** The partition whose offset does not exist, when that is what the error says. */
function outOfRangeAt(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return undefined;
  if (!('topic' in error) || !('partition' in error)) return undefined;
  return `${error.topic}/${error.partition}`;
}
