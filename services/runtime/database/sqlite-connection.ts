// One `node:sqlite` connection in Kysely's terms. Its calls are synchronous. Prepared statements are kept by their text; SQLite itself
// prepares them again when a table changes.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';

const statementCacheSize = 200;

export interface SqliteConnection {
  readonly database: DatabaseSync;
  execute<Row>(query: CompiledQuery): QueryResult<Row>;
  /** Rows as they are read. A statement of its own: a cached one is reset when its text runs again. */
  iterate<Row>(query: CompiledQuery, chunkSize: number): Generator<QueryResult<Row>>;
}

export function createSqliteConnection(database: DatabaseSync): SqliteConnection {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const [oldest] = statements.keys();
    if (oldest !== undefined && statements.size >= statementCacheSize) statements.delete(oldest);
    statements.set(sql, statement);
    return statement;
  };
  return {
    database,
    execute<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
      const statement = prepare(sql);
      const values = parameters.map(toSqliteValue);
      if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    *iterate<Row>({ sql, parameters }: CompiledQuery, chunkSize: number): Generator<QueryResult<Row>> {
      let rows: Row[] = [];
      for (const row of database.prepare(sql).iterate(...parameters.map(toSqliteValue))) {
        rows.push(row as Row);
        if (rows.length < chunkSize) continue;
        yield { rows };
        rows = [];
      }
      if (rows.length > 0) yield { rows };
    },
  };
}

function toSqliteValue(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  return value as SQLInputValue;
}
