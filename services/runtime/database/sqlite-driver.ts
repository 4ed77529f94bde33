// Kysely dialects for `node:sqlite`, the SQLite that is part of Node. The writer has one connection, which Kysely hands to one transaction
// at a time, first come first served. The reader shares one connection among all queries, because each is a single synchronous call; a
// stream gets a connection of its own, so that it neither blocks other reads nor holds them at its snapshot.
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  SqliteAdapter,
  SqliteIntrospector,
} from 'kysely';
import { RowByRowQueryCompiler } from './sqlite-bulk-insert.ts';
import { createSqliteConnection } from './sqlite-connection.ts';
import { isSqliteBusy } from './sqlite-failure.ts';

/** Tables can be changed in a transaction, so a migration that is killed leaves nothing, and starters wait for each other. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

class ManyConnectionsSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true;
  }
}

const dialect = (adapter: SqliteAdapter, driver: Driver): Dialect => ({
  createAdapter: () => adapter,
  createDriver: () => driver,
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  createQueryCompiler: () => new RowByRowQueryCompiler(),
});

export function sqliteWriterDialect(database: DatabaseSync): Dialect {
  const { execute, iterate } = createSqliteConnection(database);
  const connection: DatabaseConnection = {
    executeQuery: async (query) => execute(query),
    async *streamQuery(query, chunkSize) {
      yield* iterate(query, chunkSize);
    },
  };
  return dialect(new TransactionalSqliteAdapter(), {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: () => begin(database),
    commitTransaction: async () => database.exec('commit'),
    // A full disk or an I/O error rolls back by itself.
    rollbackTransaction: async () => void (database.isTransaction && database.exec('rollback')),
    destroy: async () => database.close(),
  });
}

const busyTimeoutMs = 5000;
const busyRetryMs = 5;

/**
 * Takes the write lock. Another process (or a backup) may have it; waiting inside of SQLite would stop the event loop, and for ever when the
 * other one is in this very thread. After this no statement of the transaction has to wait.
 */
async function begin(database: DatabaseSync): Promise<void> {
  const untilMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return database.exec('begin immediate');
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > untilMs) throw error;
    }
    await wait(busyRetryMs);
  }
}

/** @param open opens another connection to the same file, for one stream */
export function sqliteReaderDialect(shared: DatabaseSync, open: () => DatabaseSync): Dialect {
  const { execute } = createSqliteConnection(shared);
  const connection: DatabaseConnection = {
    executeQuery: async (query) => execute(query),
    async *streamQuery(query, chunkSize) {
      const own = createSqliteConnection(open());
      try {
        yield* own.iterate(query, chunkSize);
      } finally {
        own.database.close();
      }
    },
  };
  return readerDialect(connection, async () => shared.close());
}

/** Reads of a database in memory, which has one connection: each waits for the transaction at hand, a stream is read at once. */
export function sqliteMemoryReaderDialect(writer: Pick<Kysely<unknown>, 'executeQuery'>): Dialect {
  const connection: DatabaseConnection = {
    executeQuery: <Row>(query: CompiledQuery) => writer.executeQuery(query as CompiledQuery<Row>),
    async *streamQuery<Row>(query: CompiledQuery) {
      yield await writer.executeQuery(query as CompiledQuery<Row>);
    },
  };
  return readerDialect(connection, async () => {});
}

const readerDialect = (connection: DatabaseConnection, destroy: () => Promise<void>): Dialect => {
  const refuse = () => Promise.reject(new Error('no transaction through `read`: use `transaction`'));
  return dialect(new ManyConnectionsSqliteAdapter(), {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy,
  });
};
