// The port to a relational database: typed queries written once with Kysely for SQLite and PostgreSQL. Writes go through `transaction`,
// one at a time per process and file on SQLite; reads go through `read` and never wait for a disk sync.
// Inside a transaction nothing is awaited but the transaction itself.
import type { Kysely, Transaction } from 'kysely';

export type Engine = 'sqlite' | 'postgres';

export interface Database<Tables> {
  readonly engine: Engine;
  /** For queries only. Sees committed data. */
  readonly read: Kysely<Tables>;
  /**
   * Runs `work` in one transaction and resolves when it is durable. `work` may run again after a serialization failure, so it has no other effect.
   * @throws Failure `dependency`, `configuration` or `poison`, by the engine's table; what `work` itself throws passes through
   */
  transaction<Result>(work: (tx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Rejects with a Failure when the database cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
