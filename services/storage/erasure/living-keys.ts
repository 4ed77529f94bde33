// Which keys of a person still have a value on some topics, found by reading the topics: whole the first time, then only what came since.
// All partitions are read, because a topic may once have had fewer of them.
import type { LogRecord, MessageLog } from '../../runtime/log/message-log.ts';

export interface LivingKey {
  topic: string;
  key: string;
  /** What chose the partition. */
  partitionKey: string;
}

export interface LivingKeys {
  /** @throws Failure when the log cannot be read */
  find(): Promise<LivingKey[]>;
}

const recordsPerRead = 500;

export const personOfKey = (key: string): string => key.split('/', 1)[0] ?? key;

export function createLivingKeys(log: MessageLog, topics: readonly string[], ids: readonly string[]): LivingKeys {
  const reached = new Map<string, number>();
  const living = new Map<string, LivingKey>();
  const isTheirs = (key: string): boolean => ids.includes(personOfKey(key));

  const note = ({ topic, key, value, headers }: LogRecord): void => {
    if (!isTheirs(key)) return;
    const name = `${topic}\n${key}`;
    if (value === null) living.delete(name);
    else living.set(name, { topic, key, partitionKey: headers.ce_partitionkey ?? personOfKey(key) });
  };

  return {
    async find() {
      for (const topic of topics) {
        for (const { partition, earliest, next } of await log.ranges(topic)) {
          const place = `${topic}/${partition}`;
          for (let offset = Math.max(earliest, reached.get(place) ?? 0); offset < next; ) {
            const records = await log.read({ topic, partition, offset }, recordsPerRead);
            for (const record of records) note(record);
            offset = (records.at(-1)?.offset ?? next - 1) + 1;
            reached.set(place, offset);
          }
        }
      }
      return [...living.values()];
    },
  };
}
