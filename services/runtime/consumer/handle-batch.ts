// Takes one batch of a partition through a consumer, in parts where needed: handle, store dead letters, then one transaction that fences,
// writes and moves the offset. Poison is bisected to the record. Says how far it came and why it stopped; waiting, retrying and stopping
// are the caller's.
import type { Kysely, Transaction } from 'kysely';
import { encodeDeadLetter } from '../../../schemas/dead-letter.ts';
import { MalformedMessage } from '../../../schemas/wire.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { Failure, failureKind } from '../failure.ts';
import type { LogBatch, LogRecord, MessageLog, TopicPartition } from '../log/message-log.ts';
import { type Circuit, circuitTrip } from './circuit.ts';
import { type ConsumerDefinition, deadLetter, type Handled, type Outcome, skip } from './consumer.ts';
import { circuitAfterAll, committable, halves } from './split-batch.ts';

/** Where consumers' offsets stand: functions of `storage`, handed in because the runtime knows no tables. */
export interface OffsetStore<Tables> {
  load(db: Kysely<Tables>, consumer: string, at: TopicPartition): Promise<number | undefined>;
  /** False when the offset is not `from` any more: another member moved it. */
  move(
    tx: Transaction<Tables>,
    move: { consumer: string; at: TopicPartition; from: number | undefined; to: number; nowMs: number },
  ): Promise<boolean>;
}

export interface HandlingParts<Tables> {
  definition: ConsumerDefinition<Tables>;
  log: MessageLog;
  database: Database<Tables>;
  offsets: OffsetStore<Tables>;
  clock: Clock;
  /** Told of each part that is durable. */
  onCommitted(records: readonly LogRecord[], outcomes: readonly Outcome[]): void;
}

export interface BatchStart {
  batch: LogBatch;
  /** What the offset store holds for the partition; undefined before the first commit. */
  from: number | undefined;
  /** Shared by the partitions of the consumer. */
  circuit: { state: Circuit };
}

export interface BatchEnd {
  from: number | undefined;
  because:
    | { kind: 'done' }
    | { kind: 'stale' }
    /** Another member moved the offset. */
    | { kind: 'fenced' }
    | { kind: 'wait'; reason: string; error?: Error }
    | { kind: 'stop'; error: Error };
}

/** A part of the batch; `verdict` is set when the record was found to be poison. */
interface Part {
  records: readonly LogRecord[];
  verdict?: Outcome;
}

class Fenced extends Error {}

export async function handleBatch<Tables>(parts: HandlingParts<Tables>, start: BatchStart): Promise<BatchEnd> {
  const { batch, circuit } = start;
  let { from } = start;
  const waiting: Part[] = [{ records: batch.records }];
  const end = (because: BatchEnd['because']): BatchEnd => ({ from, because });
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    if (batch.isStale()) return end({ kind: 'stale' });
    try {
      const { handled, outcomes } = await decide(parts, part);
      const count = committable(outcomes, circuit.state);
      if (count === 0) return end({ kind: 'wait', reason: retryReason(outcomes[0]) });
      if (count < outcomes.length) {
        waiting.unshift({ records: part.records.slice(0, count) }, { records: part.records.slice(count) });
        continue;
      }
      await storeDeadLetters(parts, part.records, outcomes);
      if (batch.isStale()) return end({ kind: 'stale' });
      const to = (part.records.at(-1)?.offset ?? -1) + 1;
      await commit(parts, handled, { at: batch, from, to });
      from = to;
      handled?.committed?.();
      parts.onCommitted(part.records, outcomes);
      circuit.state = circuitAfterAll(circuit.state, outcomes);
      const trip = circuitTrip(circuit.state);
      if (trip) return end({ kind: 'stop', error: new Failure('poison', trip) });
    } catch (error) {
      if (error instanceof Fenced) return end({ kind: 'fenced' });
      const asError = error instanceof Error ? error : new Error(String(error));
      const kind = failureKind(error);
      if (kind === 'dependency') return end({ kind: 'wait', reason: 'dependency', error: asError });
      // A dead letter that cannot be committed either leaves nothing to bisect.
      if (kind === 'configuration' || part.verdict) return end({ kind: 'stop', error: asError });
      if (part.records.length > 1) waiting.unshift(...halves(part.records).map((records) => ({ records })));
      else waiting.unshift({ records: part.records, verdict: deadLetter(poisonReason(error), asError.message) });
    }
  }
  return end({ kind: 'done' });
}

/** One outcome per record of the part; tombstones are skipped without asking the consumer. */
async function decide<Tables>(
  { definition, clock }: HandlingParts<Tables>,
  { records, verdict }: Part,
): Promise<{ handled?: Handled<Tables>; outcomes: readonly Outcome[] }> {
  if (verdict) return { outcomes: [verdict] };
  const live = records.filter(({ value }) => value !== null);
  if (live.length === 0) return { outcomes: records.map(() => skip('tombstone')) };
  const handled = await definition.handle(live, clock.now());
  if (handled.outcomes.length !== live.length) {
    throw new Error(`${definition.name} gave ${handled.outcomes.length} outcomes for ${live.length} messages`);
  }
  const own = handled.outcomes.values();
  const outcomes = records.map(({ value }) =>
    value === null ? skip('tombstone') : (own.next().value ?? skip('tombstone')),
  );
  return { handled, outcomes };
}

async function storeDeadLetters<Tables>(
  { definition, log, clock }: HandlingParts<Tables>,
  records: readonly LogRecord[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const letters = records.flatMap((record, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'dead-letter') return [];
    const { reason, error } = outcome;
    const { partition, offset } = record;
    const time = new Date(clock.now()).toISOString();
    return [encodeDeadLetter(record, { reason, error, consumer: definition.name, partition, offset, time })];
  });
  if (letters.length > 0) await log.append(letters);
}

/** The offset moves first: on PostgreSQL a zombie then waits for its row and writes nothing. */
async function commit<Tables>(
  { definition, database, offsets, clock }: HandlingParts<Tables>,
  handled: Handled<Tables> | undefined,
  { at, from, to }: { at: TopicPartition; from: number | undefined; to: number },
): Promise<void> {
  const move = { consumer: definition.name, at, from, to, nowMs: clock.now() };
  const write = async (tx: Transaction<Tables>) => {
    if (!(await offsets.move(tx, move))) throw new Fenced();
    await handled?.write?.(tx);
  };
  const { isTold = false, writesOnly = false } = definition;
  await database.transaction(write, { isReplayable: !isTold, writesOnly });
}

const retryReason = (outcome: Outcome | undefined): string => (outcome?.kind === 'retry' ? outcome.reason : 'retry');

const poisonReason = (error: unknown): string => {
  if (error instanceof MalformedMessage) return 'malformed';
  return error instanceof Failure ? 'refused_by_store' : 'handler_error';
};
