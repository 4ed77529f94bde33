// What a starting replica reads before anything else: the newest records of every partition, in the order in which they came about. Read side by side, as
// later on, a document would often come before the webhook that announced it, and its line would have another id than the one open pages know.
import type { MessageLog, PartitionRange, RecordPosition } from '../../runtime/log/message-log.ts';
import { liveTopics, type PipelineEvent, personOf, pipelineEvent } from '../feed/pipeline-event.ts';
import { partitionName } from './position.ts';

export interface Happening {
  user: string;
  event: PipelineEvent;
  at: RecordPosition;
}

export interface Lately {
  /** Oldest first. */
  happenings: Happening[];
  /** Where each partition was begun. */
  heldFrom: Map<string, number>;
  /** Where to go on. */
  position: Map<string, number>;
}

const readAtOnce = 100;

/** @throws Failure */
export async function readLately(log: MessageLog, recordsPerPartition: number): Promise<Lately> {
  const heldFrom = new Map<string, number>();
  const position = new Map<string, number>();
  const found: (Happening & { appendedAtMs: number })[] = [];

  const read = async (range: PartitionRange) => {
    const { topic, partition, earliest, next } = range;
    let offset = Math.max(earliest, next - recordsPerPartition);
    heldFrom.set(partitionName(range), offset);
    while (offset < next) {
      const records = await log.read({ topic, partition, offset }, readAtOnce);
      for (const record of records) {
        const user = personOf(record);
        const event = user === undefined ? null : pipelineEvent(record);
        // Without its value: some are large.
        const at = { topic, partition, offset: record.offset };
        if (user !== undefined && event) found.push({ user, event, at, appendedAtMs: record.appendedAtMs });
      }
      const last = records.at(-1);
      if (!last) break;
      offset = last.offset + 1;
    }
    position.set(partitionName(range), Math.max(offset, next));
  };
  for (const topic of liveTopics) await Promise.all((await log.ranges(topic)).map(read));
  const happenings = found.sort((a, b) => a.appendedAtMs - b.appendedAtMs);
  return { happenings, heldFrom, position };
}
