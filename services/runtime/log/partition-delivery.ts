// Delivers one partition to one subscriber: a batch, its verdict, the next batch; waits as long as the verdict asks for. Knows nothing of
// groups: who took the partition away says so, and from then on the batch at hand is stale.
import type { Clock } from '../clock.ts';
import { failureKind } from '../failure.ts';
import type { LogBatch, Subscription, TopicPartition } from './message-log.ts';
import type { PartitionSource, TakenRecords } from './partition-source.ts';

/** Asked anew for each batch. */
export interface Pacing {
  /** How long after the begin of a batch the next one begins at the earliest. */
  intervalMs(hasTakenAll: boolean): number;
  /** Records of a batch at most, where the subscription does not ask for fewer. */
  maxRecords(): number;
}

export const unpaced: Pacing = { intervalMs: () => 0, maxRecords: () => Number.POSITIVE_INFINITY };

export interface DeliveryParts {
  at: TopicPartition;
  /** Where to begin; asked again after a failure `dependency`. */
  start(): Promise<number>;
  source: PartitionSource;
  subscription: Subscription;
  clock: Clock;
  pacing?: Pacing;
  /** Called after each verdict. */
  onPosition(next: number): void;
  /** The subscriber rejected, or the partition cannot be read: nothing more is delivered. */
  onFailure(error: Error): void;
}

export interface PartitionDelivery {
  readonly at: TopicPartition;
  /** Resolves when where to begin is known, or could not be learned at the first try. Never rejects. */
  readonly begun: Promise<void>;
  hasBegun(): boolean;
  /** Ends after the batch at hand. With `revoked` that batch is stale at once. */
  end(options: { revoked: boolean }): Promise<void>;
}

const defaultMaxRecords = 500;
const defaultMaxBytes = 8 * 1024 * 1024;
const retryMs = 1000;

const hasTakenAll = ({ records, next }: TakenRecords): boolean => (records.at(-1)?.offset ?? -1) + 1 >= next;

export function deliverPartition(parts: DeliveryParts): PartitionDelivery {
  const { at, source, subscription, clock, pacing = unpaced } = parts;
  const limits = () => ({
    maxRecords: Math.min(subscription.maxRecords ?? defaultMaxRecords, pacing.maxRecords()),
    maxBytes: subscription.maxBytes ?? defaultMaxBytes,
  });
  const ending = new AbortController();
  const begun = Promise.withResolvers<void>();
  let position: number | undefined;
  let revoked = false;

  /** What is down or busy is asked again later; any other error ends the subscription. */
  const orLater = async <Result>(ask: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await ask();
    } catch (error) {
      if (failureKind(error) !== 'dependency') throw error;
      begun.resolve();
      await clock.wait(retryMs, ending.signal);
      return undefined;
    }
  };
  const run = async () => {
    while (position === undefined && !ending.signal.aborted) position = await orLater(parts.start);
    begun.resolve();
    while (position !== undefined && !ending.signal.aborted) {
      const from = position;
      const taken: TakenRecords | undefined = await orLater(() => source.take(at, from, limits(), ending.signal));
      if (ending.signal.aborted) return;
      if (!taken) continue;
      const beganMs = clock.now();
      const batch: LogBatch = { ...at, ...taken, isStale: () => revoked };
      const verdict = await subscription.onBatch(batch);
      if (revoked) return;
      position = verdict.nextOffset;
      parts.onPosition(position);
      const restMs = verdict.retryAfterMs ?? beganMs + pacing.intervalMs(hasTakenAll(taken)) - clock.now();
      if (restMs > 0) await clock.wait(restMs, ending.signal);
      // A subscriber that never waits must not keep the event loop for itself.
      else await new Promise(setImmediate);
    }
  };
  const finished = run().catch((error: unknown) => {
    begun.resolve();
    ending.abort();
    parts.onFailure(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    at,
    begun: begun.promise,
    hasBegun: () => position !== undefined,
    end: ({ revoked: taken }) => {
      revoked ||= taken;
      ending.abort();
      return finished;
    },
  };
}
