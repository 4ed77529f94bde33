// What a consumer is: a name, the topics it reads and one function from messages to outcomes. The runtime alone commits, backs off,
// bisects and writes dead letters (run-consumer.ts); a handler never acknowledges and never throws for a message it can judge.
import type { Transaction } from 'kysely';
import type { LogRecord } from '../log/message-log.ts';

/** How a message ended. Reasons are a closed set of snake_case words per consumer, because they are metric labels. */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'skip'; reason: string }
  | { kind: 'dead-letter'; reason: string; error: string }
  | { kind: 'retry'; reason: string };

export const done: Outcome = { kind: 'done' };
export const skip = (reason: string): Outcome => ({ kind: 'skip', reason });
export const deadLetter = (reason: string, error: string): Outcome => ({ kind: 'dead-letter', reason, error });
/** Deliver this message and what follows in its partition again, later. */
export const retry = (reason: string): Outcome => ({ kind: 'retry', reason });

export interface Handled<Tables> {
  /** One per record, in order. */
  outcomes: readonly Outcome[];
  /** What the batch changes in the sink, run in the transaction that moves the offset; awaits nothing but `tx`. */
  write?(tx: Transaction<Tables>): Promise<void>;
  /** Called when the transaction is committed. Must not throw. */
  committed?(): void;
}

export interface ConsumerDefinition<Tables> {
  /** Consumer group and name in offsets, metrics and dead letters. */
  name: string;
  topics: readonly string[];
  /**
   * Loads what it needs, decides, and does what is idempotent outside of the sink's database in the order store, topic. `records` are of one
   * partition, in order, none a tombstone.
   * @throws Failure; anything else it throws is taken as poison and bisected to the record
   */
  handle(records: readonly LogRecord[], nowMs: number): Promise<Handled<Tables>>;
  maxRecords?: number;
  /** What it writes is told to people as soon as it stands (an alert): then it must survive a power cut, lest they are told twice. */
  isTold?: boolean;
  /** Its `write` decides nothing by what it reads (TransactionOptions). */
  writesOnly?: boolean;
}
