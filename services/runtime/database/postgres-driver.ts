// A Kysely dialect for `pg`: what Kysely's own does, and streams without a further package (a cursor declared in SQL). A connection whose
// error came without an SQLSTATE, or that could not roll back, is in an unknown state and is thrown away instead of given back to the pool.
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { ArrayInsertQueryCompiler } from './postgres-bulk-insert.ts';
import { errorCode, isSqlState } from './postgres-failure.ts';

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  #isBroken = false;
  #isInTransaction = false;
  constructor(client: PoolClient) {
    this.#client = client;
  }

  async query(text: string, parameters: readonly unknown[] = []) {
    try {
      return await this.#client.query<Record<string, unknown>>(text, parameters.map(toPostgresValue));
    } catch (error) {
      if (endsConnection(errorCode(error))) this.#isBroken = true;
      throw error;
    }
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await this.query(sql, parameters);
    const isWrite = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE';
    return { rows: rows as Row[], ...(isWrite && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  async *streamQuery<Row>(
    { sql, parameters }: CompiledQuery,
    chunkSize: number,
  ): AsyncIterableIterator<QueryResult<Row>> {
    const isOwnTransaction = !this.#isInTransaction;
    // A read-only snapshot of its own; a writer's level would only cost it predicate locks.
    if (isOwnTransaction) await this.begin('isolation level repeatable read read only');
    try {
      await this.query(`declare streamed_rows no scroll cursor for ${sql}`, parameters);
      for (;;) {
        const { rows } = await this.query(`fetch forward ${Math.trunc(chunkSize)} from streamed_rows`);
        if (rows.length > 0) yield { rows: rows as Row[] };
        if (rows.length < chunkSize) break;
      }
      if (!isOwnTransaction) await this.query('close streamed_rows');
    } finally {
      if (isOwnTransaction) await this.rollback();
    }
  }

  async begin(mode = ''): Promise<void> {
    await this.query(`begin ${mode}`);
    this.#isInTransaction = true;
  }

  async commit(): Promise<void> {
    const { command } = await this.query('commit');
    this.#isInTransaction = false;
    // So PostgreSQL answers when a statement had failed and nobody rolled back.
    if (command === 'ROLLBACK') throw new AbortedTransactionError();
  }

  async rollback(): Promise<void> {
    this.#isInTransaction = false;
    try {
      await this.#client.query('rollback');
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}

const asPostgres = (connection: DatabaseConnection): PostgresConnection => {
  if (connection instanceof PostgresConnection) return connection;
  throw new TypeError('a connection of another driver');
};

function createPostgresDriver(pool: Pool): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => new PostgresConnection(await pool.connect()),
    releaseConnection: async (connection) => asPostgres(connection).release(),
    beginTransaction: (connection, { isolationLevel }) =>
      asPostgres(connection).begin(isolationLevel && `isolation level ${isolationLevel}`),
    commitTransaction: (connection) => asPostgres(connection).commit(),
    rollbackTransaction: (connection) => asPostgres(connection).rollback(),
    destroy: () => pool.end(),
  };
}

export const postgresDialect = (pool: Pool): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => createPostgresDriver(pool),
  createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  createQueryCompiler: () => new ArrayInsertQueryCompiler(),
});

/** Without an SQLSTATE it is the network's; classes 08 and 57P are said by a server that goes. */
const endsConnection = (code: unknown): boolean => !isSqlState(code) || code.startsWith('08') || code.startsWith('57P');

/** Truth values are 0 and 1 in our tables, as SQLite has no others. */
const toPostgresValue = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);
