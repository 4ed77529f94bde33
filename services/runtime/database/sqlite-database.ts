// The embedded database: one SQLite file in WAL mode with a full sync per commit, one write connection behind a queue and one read
// connection. `:memory:` (tests) has a single connection for both. Leaves out the tables, which the migrations of `storage` make.
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { type Migrations, migrate } from './migrate.ts';
import { sqliteDialect } from './sqlite-driver.ts';
import { asSqliteFailure } from './sqlite-failure.ts';

export interface SqliteOptions {
  /** Path of the file, or `:memory:`. */
  path: string;
  migrations: Migrations;
}

const pragmas = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma busy_timeout = 5000;
  pragma temp_store = memory;
`;

/** @throws Failure `configuration` when the file cannot be opened or is no database */
export async function openSqliteDatabase<Tables>({ path, migrations }: SqliteOptions): Promise<Database<Tables>> {
  const connect = (extra: string) => {
    try {
      const connection = new DatabaseSync(path);
      connection.exec(pragmas + extra);
      return connection;
    } catch (error) {
      throw asSqliteFailure(error, `cannot open the database ${path}`);
    }
  };
  const writer = new Kysely<Tables>({ dialect: sqliteDialect(connect('')) });
  await migrate(writer, 'sqlite', migrations);
  const read =
    path === ':memory:' ? writer : new Kysely<Tables>({ dialect: sqliteDialect(connect('pragma query_only = on;')) });
  return {
    engine: 'sqlite',
    read,
    async transaction(work) {
      try {
        return await writer.transaction().execute(work);
      } catch (error) {
        throw asSqliteFailure(error, `database ${path}`);
      }
    },
    async check() {
      await sql`select 1`.execute(read);
    },
    async close() {
      if (read !== writer) await read.destroy();
      await writer.destroy();
    },
  };
}
