// The two places the embedded log is written: a thread of its own for a file, the caller's thread for `:memory:`, where there is no
// disk to wait for and no second connection. A thread that died is started again by the next append; what it held is rejected.
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { Failure } from '../failure.ts';
import type { CommitTarget } from './append-lane.ts';
import { createCompactor } from './compactor.ts';
import { createSqliteLogWriter, type ReportedOffset } from './sqlite-log-writer.ts';
import type { WriterReply, WriterRequest, WriterThreadData } from './writer-thread.ts';

export interface LogWriting extends CommitTarget {
  report(offsets: ReportedOffset[]): Promise<void>;
  /** Compacts in the background where it is worth it; resolves at its end, or as soon as it fails. */
  compact(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

export function createMemoryWriting(db: DatabaseSync): LogWriting {
  const writer = createSqliteLogWriter(db);
  const compactor = createCompactor(db);
  return {
    commit: async (batches) => writer.commit(batches),
    report: async (offsets) => writer.report(offsets),
    compact: async (nowMs) => {
      while (compactor.step(nowMs)) await new Promise(setImmediate);
    },
    close: async () => {},
  };
}

type Request = WriterRequest extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

interface Pending {
  resolve(offsets: number[][]): void;
  reject(error: unknown): void;
}

export function createThreadWriting(path: string): LogWriting {
  let worker: Worker | undefined;
  let lastId = 0;
  const pending = new Map<number, Pending>();

  const rejectAll = (message: string, cause?: unknown) => {
    const open = [...pending.values()];
    pending.clear();
    for (const { reject } of open) reject(new Failure('dependency', message, { cause }));
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      workerData: { path } satisfies WriterThreadData,
    });
    started.on('message', (replies: WriterReply[]) => {
      for (const reply of replies) {
        const waiting = pending.get(reply.id);
        pending.delete(reply.id);
        if ('failure' in reply) waiting?.reject(new Failure(reply.failure.kind, reply.failure.message));
        else waiting?.resolve(reply.offsets);
      }
    });
    const ended = (message: string, cause?: unknown) => {
      if (worker === started) worker = undefined;
      rejectAll(message, cause);
    };
    started.on('error', (error) => ended(`the writer of the log failed: ${String(error)}`, error));
    started.on('exit', () => ended('the writer of the log ended'));
    return started;
  };
  const request = (message: Request, transfer: ArrayBuffer[] = []): Promise<number[][]> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      worker ??= start();
      worker.postMessage({ ...message, id: lastId }, transfer);
    });

  worker = start();
  return {
    commit: (batches) =>
      request(
        { kind: 'commit', batches },
        batches.map(({ bytes }) => bytes.buffer),
      ),
    report: async (offsets) => void (await request({ kind: 'report', offsets })),
    compact: async () => void (await request({ kind: 'compact' })),
    close: async () => {
      if (!worker) return;
      const ended = new Promise((resolve) => worker?.once('exit', resolve));
      await request({ kind: 'close' });
      await ended;
    },
  };
}
