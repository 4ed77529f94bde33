// Membership in a consumer group, and nothing else: kafkajs joins, heartbeats and tells the assignment, with every partition paused so that
// it fetches nothing (kafka-fetcher.ts does). So no batch, however slow, costs the membership. A member that crashed or fell silent is
// replaced by a new one after a growing wait; only a matter of configuration ends it for good.
import type { Consumer, Kafka } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import type { RecordPosition, TopicPartition } from './message-log.ts';

export interface MembershipParts {
  kafka: Kafka;
  group: string;
  topics: readonly string[];
  clock: Clock;
  /** Asks for the group's coordinator. @throws Failure with the reason why there is none */
  findCoordinator(): Promise<void>;
  /** The partitions that are ours from now on; called again with each change. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** The membership cannot go on: configuration. */
  onFailure(error: Failure): void;
}

export interface KafkaMembership {
  /** Tells the group how far it is, for lag tools. Never rejects: nothing depends on it. */
  report(positions: readonly RecordPosition[]): Promise<void>;
  leave(): Promise<void>;
}

// After a kill the group waits for the dead member's session before anyone has its partitions, its successor included. The heart beats about every second.
const timing = { sessionTimeout: 8_000, rebalanceTimeout: 30_000, heartbeatInterval: 1000, maxWaitTimeInMs: 500 };
/** Without a heartbeat for this long the member is lost, whatever it believes. */
const silentMs = 45_000;
const firstRetryMs = 500;
const longestRetryMs = 4_000;

export function joinKafkaGroup(parts: MembershipParts): KafkaMembership {
  const { kafka, group, topics, clock } = parts;
  const leaving = new AbortController();
  let current: Consumer | undefined;

  /** Resolves with the error that ended this member; with undefined when it left. */
  const runMember = async (onAlive: () => void): Promise<Failure | undefined> => {
    const ended = Promise.withResolvers<Failure | undefined>();
    const consumer = kafka.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      ...timing,
      // Restarting is ours, with a new client each time.
      retry: { retries: 3, restartOnFailure: async () => false },
    });
    let heardAtMs = clock.now();
    const hears = () => {
      heardAtMs = clock.now();
    };
    consumer.on(consumer.events.HEARTBEAT, hears);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      hears();
      onAlive();
      consumer.pause(topics.map((topic) => ({ topic })));
      parts.onAssigned(
        Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        ),
      );
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => ended.resolve(asKafkaFailure(payload.error, `group ${group}`)));
    const leave = () => ended.resolve(undefined);
    leaving.signal.addEventListener('abort', leave, { once: true });
    const watch = setInterval(() => {
      if (clock.now() - heardAtMs > silentMs) ended.resolve(new Failure('dependency', `group ${group} fell silent`));
    }, 5000).unref();
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics] });
      current = consumer;
      void consumer
        .run({ autoCommit: false, eachBatch: async () => {} })
        .catch((error: unknown) => ended.resolve(asKafkaFailure(error, `group ${group}`)));
      return await ended.promise;
    } catch (error) {
      return asKafkaFailure(error, `group ${group}`);
    } finally {
      clearInterval(watch);
      leaving.signal.removeEventListener('abort', leave);
      current = undefined;
      await consumer.disconnect().catch(() => {});
    }
  };
  const run = async () => {
    let retryMs = firstRetryMs;
    while (!leaving.signal.aborted) {
      const ended = await runMember(() => {
        retryMs = firstRetryMs;
      });
      if (!ended || leaving.signal.aborted) return;
      const failure = hidesItsReason(ended) ? await reasonOf(ended) : ended;
      // Whoever has the partitions now, it is not us.
      parts.onAssigned([]);
      if (failure.kind !== 'dependency') return parts.onFailure(failure);
      await clock.wait(retryMs, leaving.signal);
      retryMs = Math.min(longestRetryMs, retryMs * 2);
    }
  };
  const reasonOf = (failure: Failure): Promise<Failure> =>
    parts.findCoordinator().then(
      () => failure,
      (error: unknown) => asKafkaFailure(error, `group ${group}`),
    );
  const finished = run();
  return {
    async report(positions) {
      const offsets = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) }));
      if (offsets.length > 0) await current?.commitOffsets(offsets).catch(() => {});
    },
    async leave() {
      leaving.abort();
      await finished;
    },
  };
}

/** kafkajs says only that it found no coordinator, also where the group is forbidden. */
const hidesItsReason = ({ cause }: Failure): boolean =>
  cause instanceof Error && cause.name === 'KafkaJSGroupCoordinatorNotFound';
