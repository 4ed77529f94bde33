// Delivers one partition to one subscriber: a batch, its verdict, the next batch; waits as long as the verdict asks for. Knows nothing of
// groups: who took the partition away says so, and from then on the batch at hand is stale.
import type { Clock } from '../clock.ts';
import { failureKind } from '../failure.ts';
import type { LogBatch, Subscription, TopicPartition } from './message-log.ts';
import type { PartitionSource, TakenRecords } from './partition-source.ts';

export interface DeliveryParts {
  at: TopicPartition;
  position: number;
  source: PartitionSource;
  subscription: Subscription;
  clock: Clock;
  /** Called after each verdict. */
  onPosition(next: number): void;
  /** The subscriber rejected, or the partition cannot be read: nothing more is delivered. */
  onFailure(error: Error): void;
}

export interface PartitionDelivery {
  readonly at: TopicPartition;
  /** Ends after the batch at hand. With `revoked` that batch is stale at once. */
  end(options: { revoked: boolean }): Promise<void>;
}

const defaultMaxRecords = 500;
const defaultMaxBytes = 8 * 1024 * 1024;
const unreadableRetryMs = 1000;

export function deliverPartition(parts: DeliveryParts): PartitionDelivery {
  const { at, source, subscription, clock } = parts;
  const limits = {
    maxRecords: subscription.maxRecords ?? defaultMaxRecords,
    maxBytes: subscription.maxBytes ?? defaultMaxBytes,
  };
  const ending = new AbortController();
  let revoked = false;

  /** A log that is down or busy is read again later; any other error ends the subscription. */
  const take = async (position: number): Promise<TakenRecords | undefined> => {
    try {
      return await source.take(at, position, limits, ending.signal);
    } catch (error) {
      if (failureKind(error) !== 'dependency') throw error;
      await clock.wait(unreadableRetryMs, ending.signal);
      return undefined;
    }
  };
  const run = async () => {
    let { position } = parts;
    while (!ending.signal.aborted) {
      const taken = await take(position);
      if (ending.signal.aborted) return;
      if (!taken) continue;
      const batch: LogBatch = { ...at, ...taken, isStale: () => revoked };
      const verdict = await subscription.onBatch(batch);
      if (revoked) return;
      position = verdict.nextOffset;
      parts.onPosition(position);
      if (verdict.retryAfterMs !== undefined) await clock.wait(verdict.retryAfterMs, ending.signal);
      // A subscriber that never waits must not keep the event loop for itself.
      else await new Promise(setImmediate);
    }
  };
  const finished = run().catch((error: unknown) => {
    ending.abort();
    parts.onFailure(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    at,
    end: ({ revoked: taken }) => {
      revoked ||= taken;
      ending.abort();
      return finished;
    },
  };
}
