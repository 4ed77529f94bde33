// Fills a store from the log: runs consumers over everything that stands in it, up to its end, and nothing is published; a message that can never be
// handled is counted, its dead letter was written when it first came. Offsets are kept in the store that is filled, so a second call goes on where
// the first one ended: that is how the rest is caught up just before the switch.

import type { Clock } from '../../runtime/clock.ts';
import { closedCircuit } from '../../runtime/consumer/circuit.ts';
import type { ConsumerDefinition, Outcome } from '../../runtime/consumer/consumer.ts';
import { type BatchEnd, handleBatch } from '../../runtime/consumer/handle-batch.ts';
import { Failure } from '../../runtime/failure.ts';
import type { LogRecord, MessageLog, PartitionRange } from '../../runtime/log/message-log.ts';
import { loadOffset, moveOffset } from '../consumer-offsets.ts';
import type { StoreDatabase, StoreTables } from '../tables.ts';

export interface RefillParts {
  log: MessageLog;
  /** What is filled; not the one that serves. */
  store: StoreDatabase;
  /** Made for this store, without anything that publishes. */
  definitions: readonly ConsumerDefinition<StoreTables>[];
  clock: Clock;
  /** Records handled of those that were in the log when it began; each counts once per consumer. */
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** Messages by consumer and how they ended, `done` or the reason. */
export type RefillReport = Record<string, Record<string, number>>;

interface Run {
  parts: RefillParts;
  report: RefillReport;
  progress: { done: number; total: number };
}

const defaultRecordsPerBatch = 500;

/** @throws Failure when log or store fail for good; a later call goes on from there */
export async function refillStore(parts: RefillParts): Promise<RefillReport> {
  const run: Run = { parts, report: {}, progress: { done: 0, total: 0 } };
  const work: { definition: ConsumerDefinition<StoreTables>; range: PartitionRange; offset: number }[] = [];
  for (const definition of parts.definitions) {
    for (const topic of definition.topics) {
      for (const range of await parts.log.ranges(topic)) {
        const known = await loadOffset(parts.store.read, definition.name, range);
        const offset = Math.max(known ?? 0, range.earliest);
        run.progress.total += Math.max(0, range.next - offset);
        work.push({ definition, range, offset });
      }
    }
  }
  for (const { definition, range, offset } of work) await refillPartition(run, definition, range, offset);
  return run.report;
}

async function refillPartition(
  run: Run,
  definition: ConsumerDefinition<StoreTables>,
  range: PartitionRange,
  firstOffset: number,
): Promise<void> {
  const { log, store, signal } = run.parts;
  const limit = definition.maxRecords ?? defaultRecordsPerBatch;
  for (let offset = firstOffset; offset < range.next; ) {
    signal?.throwIfAborted();
    const read = await log.read({ ...range, offset }, limit);
    const records = read.filter((record) => record.offset < range.next);
    const from = await loadOffset(store.read, definition.name, range);
    if (records.length > 0) await refillBatch(run, definition, { range, records, from });
    // Compaction leaves gaps, also at the end of what was asked for.
    const reached = (records.at(-1)?.offset ?? range.next - 1) + 1;
    run.progress.done += reached - offset;
    run.parts.onProgress?.(run.progress);
    offset = reached;
  }
}

interface Batch {
  range: PartitionRange;
  records: readonly LogRecord[];
  from: number | undefined;
}

async function refillBatch(run: Run, definition: ConsumerDefinition<StoreTables>, batch: Batch): Promise<void> {
  const { log, store, clock } = run.parts;
  const { topic, partition, next } = batch.range;
  let { records, from } = batch;
  while (records.length > 0) {
    const end = await handleBatch(
      {
        definition,
        // A dead letter of a rebuild would be the second one of its message.
        log: { ...log, append: async () => [] },
        database: store,
        offsets: { load: loadOffset, move: moveOffset },
        clock,
        onCommitted: (_records, outcomes) => count(run.report, definition.name, outcomes),
      },
      { batch: { topic, partition, next, records, isStale: () => false }, from, circuit: { state: closedCircuit } },
    );
    from = end.from;
    records = records.filter((record) => record.offset >= (end.from ?? 0));
    refuseToStop(end, definition.name);
  }
}

/** Many dead letters in a row stop a service, which could lose something; a rebuild loses nothing by going on. */
function refuseToStop({ because }: BatchEnd, consumer: string): void {
  if (because.kind === 'done') return;
  if (because.kind === 'stop' && because.error instanceof Failure && because.error.kind === 'poison') return;
  if ('error' in because && because.error) throw because.error;
  throw new Failure('dependency', `the rebuild cannot go on: ${consumer} ended with ${because.kind}; start it again`);
}

function count(report: RefillReport, consumer: string, outcomes: readonly Outcome[]): void {
  const counts = report[consumer] ?? {};
  report[consumer] = counts;
  for (const outcome of outcomes) {
    const name = outcome.kind === 'done' ? 'done' : outcome.reason;
    counts[name] = (counts[name] ?? 0) + 1;
  }
}
