// The way from callers to the writer. An append goes out at the end of the tick it was made in, so what one turn of the event loop
// brought travels together; the writer commits everything that waits in one transaction. Bounded: past the limit an append is refused
// at once with a Failure `dependency`, which a webhook answers with 503.
import type { PackedRecords } from './packed-records.ts';

/** Where packed records become durable: another thread, or this one for `:memory:`. */
export interface CommitTarget {
  /** Resolves with the offsets of each batch, in order, when all are durable. */
  commit(batches: PackedRecords[]): Promise<number[][]>;
}

export interface LaneLimits {
  maxRecords: number;
  maxBytes: number;
}

export const defaultLaneLimits: LaneLimits = { maxRecords: 50_000, maxBytes: 64 * 1024 * 1024 };

export interface AppendLane {
  /** False when too much waits already. A lane that is empty takes an append of any size. */
  hasRoom(records: number): boolean;
  append(batch: PackedRecords): Promise<number[]>;
  /** How many appends wait for their answer. */
  callers(): number;
}

interface Waiting {
  batch: PackedRecords;
  /** Kept beside it: the buffer changes hands when it is sent. */
  sizeBytes: number;
  resolve(offsets: number[]): void;
  reject(error: unknown): void;
}

export function createAppendLane(target: CommitTarget, limits: LaneLimits): AppendLane {
  let waiting: Waiting[] = [];
  let records = 0;
  let bytes = 0;
  let callers = 0;

  const settle = async (group: readonly Waiting[]) => {
    try {
      const offsets = await target.commit(group.map(({ batch }) => batch));
      group.forEach(({ resolve }, index) => {
        resolve(offsets[index] ?? []);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      callers -= group.length;
      for (const { batch, sizeBytes } of group) {
        records -= batch.keys.length;
        bytes -= sizeBytes;
      }
    }
  };
  const send = () => {
    const group = waiting;
    waiting = [];
    void settle(group);
  };
  return {
    hasRoom: (more) => records === 0 || (records + more <= limits.maxRecords && bytes < limits.maxBytes),
    callers: () => callers,
    append: (batch) =>
      new Promise((resolve, reject) => {
        const sizeBytes = batch.bytes.byteLength;
        callers += 1;
        records += batch.keys.length;
        bytes += sizeBytes;
        if (waiting.length === 0) setImmediate(send);
        waiting.push({ batch, sizeBytes, resolve, reject });
      }),
  };
}
