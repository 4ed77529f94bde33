// The appending half of a log, kept in memory, for tests of what writes to it. It can be told to be down, or to take its time.
import type { WireRecord } from '../../schemas/wire.ts';
import type { MessageLog, RecordPosition } from '../../services/runtime/log/message-log.ts';

export interface RecordingLog extends Pick<MessageLog, 'append'> {
  records: WireRecord[];
  /** Appends asked for, whether they succeeded or not. */
  appends: number;
  /** What the next appends reject with, until it is undefined again. */
  failure: Error | undefined;
  /** Appends wait for this before they are done. */
  gate: Promise<void>;
}

export function createRecordingLog(): RecordingLog {
  const log: RecordingLog = {
    records: [],
    appends: 0,
    failure: undefined,
    gate: Promise.resolve(),
    async append(records): Promise<RecordPosition[]> {
      log.appends += 1;
      await log.gate;
      if (log.failure) throw log.failure;
      const first = log.records.length;
      log.records.push(...records);
      return records.map(({ topic }, index) => ({ topic, partition: 0, offset: first + index }));
    },
  };
  return log;
}
