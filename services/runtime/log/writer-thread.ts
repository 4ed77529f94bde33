// The thread that writes the embedded log. A commit waits for the disk (an SD card: 10–50 ms), which must not stop the event loop that
// answers webhooks. Everything that arrived while a commit ran is committed together, before any of it is answered. Between commits it
// compacts, one small step at a time.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Failure, type FailureKind } from '../failure.ts';
import { createCompactor } from './compactor.ts';
import type { PackedRecords } from './packed-records.ts';
import { connectLogFile } from './sqlite-log-tables.ts';
import { createSqliteLogWriter, type ReportedOffset } from './sqlite-log-writer.ts';

export interface WriterThreadData {
  path: string;
}

export type WriterRequest =
  | { kind: 'commit'; id: number; batches: PackedRecords[] }
  | { kind: 'report'; id: number; offsets: ReportedOffset[] }
  | { kind: 'compact'; id: number }
  | { kind: 'close'; id: number };

export type WriterReply =
  | { id: number; offsets: number[][] }
  | { id: number; failure: { kind: FailureKind; message: string } };

const port = parentPort;
if (port === null) throw new Error('writer-thread.ts runs as a worker thread only');
const db = connectLogFile((workerData as WriterThreadData).path);
const writer = createSqliteLogWriter(db);
const compactor = createCompactor(db);

type Commit = Extract<WriterRequest, { kind: 'commit' }>;

const reply = (replies: WriterReply[]) => port.postMessage(replies);

const failed = (id: number, error: unknown): WriterReply => {
  const kind = error instanceof Failure ? error.kind : 'dependency';
  return { id, failure: { kind, message: error instanceof Error ? error.message : String(error) } };
};

function commitTogether(commits: readonly Commit[]): void {
  if (commits.length === 0) return;
  try {
    const offsets = writer.commit(commits.flatMap(({ batches }) => batches));
    let start = 0;
    reply(
      commits.map(({ id, batches }) => {
        const own = offsets.slice(start, start + batches.length);
        start += batches.length;
        return { id, offsets: own };
      }),
    );
  } catch (error) {
    reply(commits.map(({ id }) => failed(id, error)));
  }
}

function attempt(id: number, work: () => void): void {
  try {
    work();
    reply([{ id, offsets: [] }]);
  } catch (error) {
    reply([failed(id, error)]);
  }
}

let compactionScheduled = false;
/** Requests that wait for the end of the compaction. */
let waitingForCompaction: number[] = [];

function endCompaction(): void {
  reply(waitingForCompaction.map((id) => ({ id, offsets: [] })));
  waitingForCompaction = [];
}

/** One step, then whatever arrived meanwhile, then the next. */
function compactStepwise(): void {
  compactionScheduled = false;
  if (!db.isOpen) return;
  try {
    compactionScheduled = compactor.step(Date.now());
    if (compactionScheduled) setImmediate(compactStepwise);
    else endCompaction();
  } catch (error) {
    // Compaction only saves room; it starts over with the next request.
    compactor.abandon();
    endCompaction();
    process.emitWarning(`compaction of the log stopped: ${error instanceof Error ? error.message : error}`);
  }
}

function handle(requests: readonly WriterRequest[]): void {
  commitTogether(requests.filter((request) => request.kind === 'commit'));
  for (const request of requests) {
    if (request.kind === 'report') attempt(request.id, () => writer.report(request.offsets));
    if (request.kind === 'compact') {
      waitingForCompaction.push(request.id);
      if (!compactionScheduled) compactStepwise();
    }
    if (request.kind === 'close') {
      attempt(request.id, () => db.close());
      port?.close();
    }
  }
}

port.on('message', (first: WriterRequest) => {
  const requests = [first];
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) requests.push(next.message);
  handle(requests);
});
