// A Kysely driver for `node:sqlite`, the SQLite that is part of Node. One connection, used by one query or transaction at a time.
// Its calls are synchronous; what is awaited here is only the turn. Prepared statements are kept by their text.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

const statementCacheSize = 200;

function createConnection(database: DatabaseSync): DatabaseConnection {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    if (statements.size >= statementCacheSize) statements.delete(statements.keys().next().value ?? '');
    statements.set(sql, statement);
    return statement;
  };
  const execute = <Row>(query: CompiledQuery): QueryResult<Row> => {
    const statement = prepare(query.sql);
    const parameters = query.parameters.map(toSqliteValue);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  };
  return {
    executeQuery: async <Row>(query: CompiledQuery) => execute<Row>(query),
    async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
      for (const row of prepare(query.sql).iterate(...query.parameters.map(toSqliteValue)))
        yield { rows: [row as Row] };
    },
  };
}

function toSqliteValue(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  return value as SQLInputValue;
}

/** Hands out one connection, first come first served. */
export function createSqliteDriver(database: DatabaseSync): Driver {
  const connection = createConnection(database);
  let tail: Promise<void> = Promise.resolve();
  let release: () => void = () => {};
  return {
    init: async () => {},
    acquireConnection: async () => {
      const turn = tail;
      const { promise, resolve } = Promise.withResolvers<void>();
      tail = promise;
      await turn;
      release = resolve;
      return connection;
    },
    releaseConnection: async () => release(),
    beginTransaction: async () => void (await connection.executeQuery(CompiledQuery.raw('begin immediate'))),
    commitTransaction: async () => void (await connection.executeQuery(CompiledQuery.raw('commit'))),
    rollbackTransaction: async () => void (await connection.executeQuery(CompiledQuery.raw('rollback'))),
    destroy: async () => database.close(),
  };
}

export const sqliteDialect = (database: DatabaseSync) => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createSqliteDriver(database),
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  createQueryCompiler: (): QueryCompiler => new SqliteQueryCompiler(),
});
