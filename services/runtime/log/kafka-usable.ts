// The records of a fetch that a reader can use: from its offset on, within its limits. Pure.
import { readRecordBatches } from './kafka-batch-reader.ts';
import type { FetchedPartition } from './kafka-fetch-protocol.ts';
import type { LogRecord, TopicPartition } from './message-log.ts';
import type { ReadLimits } from './partition-source.ts';

export interface UsableRecords {
  records: LogRecord[];
  /** Where to ask next: past the records, past control records and what compaction removed. */
  from: number;
  /** The offset the next append will get. */
  next: number;
  /** False when the fetch holds more, from `from` on. */
  isExhausted: boolean;
}

export function usableRecords(
  { bytes, end }: Pick<FetchedPartition, 'bytes' | 'end'>,
  { at, from, limits }: { at: TopicPartition; from: number; limits: ReadLimits },
): UsableRecords {
  const records: LogRecord[] = [];
  let taken = 0;
  const { reached, isExhausted } = readRecordBatches(bytes, {
    at,
    from,
    take(record) {
      records.push(record);
      taken += record.value?.byteLength ?? 0;
      return records.length < limits.maxRecords && taken < limits.maxBytes;
    },
  });
  return { records, from: reached, next: Math.max(end, reached), isExhausted };
}
