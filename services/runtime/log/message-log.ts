// The port to the log: an append-only, partitioned record of topics. Kafka and an embedded SQLite file implement it and pass one
// conformance suite (test/conformance/message-log.ts). The log is the truth: an append that resolved is durable.
// Offsets of consumers are not the log's business: the caller says where to start, because its offset stands in the sink's transaction.
import type { WireRecord } from '../../../schemas/wire.ts';

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface LogRecord extends TopicPartition {
  offset: number;
  /** When the log took it, milliseconds since the epoch. */
  appendedAtMs: number;
  key: string;
  value: Uint8Array | null;
  headers: Readonly<Record<string, string>>;
}

export interface RecordPosition extends TopicPartition {
  offset: number;
}

/** `earliest` is the oldest record still kept, `next` the offset the next append will get. */
export interface PartitionRange extends TopicPartition {
  earliest: number;
  next: number;
}

/** Consecutive records of one partition. Offsets may have gaps where compaction removed a record. */
export interface LogBatch extends TopicPartition {
  records: readonly LogRecord[];
  /** The offset the next append to the partition would get when this batch was read. */
  next: number;
  /** True once the partition was taken away: nothing of the batch may be committed any more. */
  isStale(): boolean;
}

/**
 * What a subscriber says to a batch: where to go on. An offset inside the batch means the rest is delivered again. With `retryAfterMs` the
 * partition pauses that long while membership stays; other partitions go on.
 */
export interface BatchVerdict {
  nextOffset: number;
  retryAfterMs?: number;
}

export interface Subscription {
  /** The consumer group. Members of one group share the partitions, unless `everyPartition`. */
  group: string;
  topics: readonly string[];
  /** Read all partitions and leave no trace in the group: for readers that each need everything. */
  everyPartition?: boolean;
  /** Asked at each assignment. `earliest` and `latest` are resolved by the log. */
  startOffset(at: TopicPartition): Promise<number | 'earliest' | 'latest'>;
  /** Called with one batch of a partition at a time; the next comes after the verdict. A rejection is a bug: the subscription fails. */
  onBatch(batch: LogBatch): Promise<BatchVerdict>;
  onRevoked?(partitions: readonly TopicPartition[]): void;
  /** The subscription cannot go on (no right, wrong password, crashed for good). Called once; nothing is delivered afterwards. */
  onFailure(error: Error): void;
  /** Upper bounds of one batch. Defaults: 500 records, 8 MiB. */
  maxRecords?: number;
  maxBytes?: number;
}

export interface RunningSubscription {
  assigned(): readonly TopicPartition[];
  /** Stops delivering, waits for the batch at hand, leaves the group. */
  stop(): Promise<void>;
}

export interface MessageLog {
  /**
   * Appends in the given order and resolves with the positions when all records are durable. Rejects when it cannot say so; then some of
   * them may still stand in the log, so a caller that tries again appends duplicates (topics deliver at least once).
   * @throws Failure `dependency` (log down), `configuration` (no right, unknown topic), `poison` (a record too large)
   */
  append(records: readonly WireRecord[]): Promise<RecordPosition[]>;
  subscribe(subscription: Subscription): Promise<RunningSubscription>;
  /** Up to `limit` records of a partition from offset `from` on, oldest first; tombstones included. Empty at the end. */
  read(from: RecordPosition, limit: number): Promise<LogRecord[]>;
  /** The ranges of a topic's partitions, ordered by partition. */
  ranges(topic: string): Promise<PartitionRange[]>;
  /** Next offset per partition that the group has reported (for lag tools); absent where it has reported none. */
  groupOffsets(group: string, topic: string): Promise<Map<number, number>>;
  /** Removes what later records replaced, now; left out by a log that does so by itself. */
  compact?(): Promise<void>;
  /** Rejects with a Failure when the log cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
