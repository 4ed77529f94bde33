// Delivers one partition to one subscriber: a batch, its verdict, the next batch. Waits without polling until it is woken, or as long
// as the verdict asks for. Knows nothing of groups; who took the partition away says so, and from then on the batch is stale.
import type { Clock } from '../clock.ts';
import { failureKind } from '../failure.ts';
import type { BatchVerdict, LogBatch, LogRecord, Subscription, TopicPartition } from './message-log.ts';
import type { ReadLimits } from './sqlite-log-reader.ts';

export interface PartitionSource {
  read(at: TopicPartition, from: number, limits: ReadLimits): LogRecord[];
  next(at: TopicPartition): number;
}

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
  /** There may be something new. */
  wake(): void;
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
  let idle: PromiseWithResolvers<void> | undefined;

  const somethingNew = (): Promise<void> => {
    idle = Promise.withResolvers<void>();
    return idle.promise;
  };
  /** A log that is busy or short of something is read again later; any other error ends the subscription. */
  const readOrWait = async (position: number): Promise<LogRecord[] | 'again'> => {
    try {
      return source.read(at, position, limits);
    } catch (error) {
      if (failureKind(error) !== 'dependency') throw error;
      await clock.wait(unreadableRetryMs, ending.signal);
      return 'again';
    }
  };
  const deliver = async (records: LogRecord[]): Promise<BatchVerdict> => {
    const batch: LogBatch = { ...at, records, next: source.next(at), isStale: () => revoked };
    return subscription.onBatch(batch);
  };
  const run = async () => {
    let position = parts.position;
    while (!ending.signal.aborted) {
      const records = await readOrWait(position);
      if (ending.signal.aborted) return;
      if (records === 'again') continue;
      if (records.length === 0) {
        await somethingNew();
        continue;
      }
      const verdict = await deliver(records);
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
    wake: () => idle?.resolve(),
    end: ({ revoked: taken }) => {
      revoked ||= taken;
      ending.abort();
      idle?.resolve();
      return finished;
    },
  };
}
