// Where a delivery gets its records from: the part of a log that differs between engines.
import type { LogRecord, TopicPartition } from './message-log.ts';

export interface ReadLimits {
  maxRecords: number;
  /** Of the values; one record is always read. */
  maxBytes: number;
}

export interface TakenRecords {
  /** At least one. */
  records: readonly LogRecord[];
  /** The offset the next append will get. */
  next: number;
}

export interface PartitionSource {
  /**
   * Waits until there is a record at `from` or later; resolves with undefined when `signal` is aborted.
   * @throws Failure; after a `dependency` it is asked again
   */
  take(at: TopicPartition, from: number, limits: ReadLimits, signal: AbortSignal): Promise<TakenRecords | undefined>;
}

export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
