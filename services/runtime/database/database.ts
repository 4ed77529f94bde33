// The port to a relational database: typed queries written once with Kysely for SQLite and PostgreSQL. Writes go through `transaction`,
// one at a time per process and file on SQLite; reads go through `read` and never wait for a disk sync.
// Inside a transaction nothing is awaited but the transaction itself.
import type { Kysely, Transaction } from 'kysely';

export type Engine = 'sqlite' | 'postgres';

export interface TransactionOptions {
  /**
   * What it writes would be made again: the offset of the log up to which it came stands in it, or in a later one of the same database. Its commit
   * then waits for no disk. A power cut may undo the last such transactions, whole and from the end; one without this makes all before it durable.
   */
  isReplayable?: boolean;
  /**
   * It inserts what is not there yet or puts whole rows, and decides nothing by what it reads. On PostgreSQL it then runs `read committed`: serializable
   * ones that fill one index at the same time are taken to be in each other's way and repeated, a third of the work thrown away.
   */
  writesOnly?: boolean;
}

export interface Database<Tables> {
  readonly engine: Engine;
  /** For queries only. Sees committed data. */
  readonly read: Kysely<Tables>;
  /**
   * Runs `work` in one transaction and resolves when it is committed, and durable unless it is replayable. `work` may run again after a serialization failure, so it has no other effect.
   * @throws Failure `dependency`, `configuration` or `poison`, by the engine's table; what `work` itself throws passes through
   */
  transaction<Result>(
    work: (tx: Transaction<Tables>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /** Rejects with a Failure when the database cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
