// Reads a partition of Kafka at an offset, without a group and without waiting for what is not there yet.
import type { KafkaCluster } from './kafka-cluster.ts';
import { asKafkaFailure } from './kafka-failure.ts';
import { usableRecords } from './kafka-records.ts';
import type { LogRecord, RecordPosition } from './message-log.ts';

const maxBytesPerRead = 8 * 1024 * 1024;

/** @throws Failure */
export async function readKafka(cluster: KafkaCluster, start: RecordPosition, limit: number): Promise<LogRecord[]> {
  const at = { topic: start.topic, partition: start.partition };
  const limits = { maxRecords: limit, maxBytes: maxBytesPerRead };
  let from = start.offset;
  const leader = await cluster.leaderOf(at);
  try {
    for (;;) {
      const fetched = await cluster.fetch(leader, {
        maxWaitTime: 0,
        minBytes: 0,
        maxBytes: maxBytesPerRead,
        topics: [
          {
            topic: at.topic,
            partitions: [{ partition: at.partition, fetchOffset: String(from), maxBytes: maxBytesPerRead }],
          },
        ],
      });
      const [own] = fetched.filter(({ topic, partition }) => topic === at.topic && partition === at.partition);
      if (!own) return [];
      const usable = usableRecords(own, { at, from, limits }, true);
      if (usable.records.length > 0 || usable.from >= usable.next) return usable.records;
      from = usable.from;
    }
  } catch (error) {
    // An offset past the end is no error of the reader's.
    if (error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange') return [];
    cluster.reset();
    throw asKafkaFailure(error, `read ${at.topic} partition ${at.partition}`);
  }
}
