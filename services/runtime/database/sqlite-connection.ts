// One `node:sqlite` connection in Kysely's terms. Its calls are synchronous. Small prepared statements are kept by their text; SQLite itself
// prepares them again when a table changes. A statement keeps what was bound to it last, so one with many parameters is not kept.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';
import { furtherRows } from './sqlite-bulk-insert.ts';

const statementCacheSize = 200;
const mostKeptParameters = 40;

export interface SqliteConnection {
  readonly database: DatabaseSync;
  execute<Row>(query: CompiledQuery): QueryResult<Row>;
  /** Rows as they are read. A statement of its own: a cached one is reset when its text runs again. */
  iterate<Row>(query: CompiledQuery, chunkSize: number): Generator<QueryResult<Row>>;
}

export function createSqliteConnection(database: DatabaseSync): SqliteConnection {
  const statements = new Map<string, Prepared>();
  const prepare = (sql: string, parameterCount: number): Prepared => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (parameterCount > mostKeptParameters) return prepared;
    const [oldest] = statements.keys();
    if (oldest !== undefined && statements.size >= statementCacheSize) statements.delete(oldest);
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    database,
    execute<Row>(query: CompiledQuery): QueryResult<Row> {
      const { statement, returnsRows } = prepare(query.sql, query.parameters.length);
      const runs = [query.parameters, ...furtherRows(query)].map((parameters) => parameters.map(toSqliteValue));
      if (returnsRows) return { rows: runs.flatMap((values) => statement.all(...values) as Row[]) };
      let affected = 0n;
      let insertId: bigint | undefined;
      for (const values of runs) {
        const { changes, lastInsertRowid } = statement.run(...values);
        affected += BigInt(changes);
        insertId = BigInt(lastInsertRowid);
      }
      return { rows: [], numAffectedRows: affected, ...(insertId !== undefined && { insertId }) };
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

interface Prepared {
  statement: StatementSync;
  returnsRows: boolean;
}

function toSqliteValue(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  return value as SQLInputValue;
}
