// The embedded database: one SQLite file in WAL mode with a full sync per commit (none for what is replayable), one write connection behind
// a queue, one read connection that sees what is committed. Leaves out the tables, which the migrations of `storage` make.
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { classifyErrors } from './classify-errors.ts';
import type { Database } from './database.ts';
import { type Migrations, migrate } from './migrate.ts';
import { queriesOnly } from './queries-only.ts';
import { sqliteMemoryReaderDialect, sqliteReaderDialect, sqliteWriterDialect } from './sqlite-driver.ts';
import { asSqliteFailure } from './sqlite-failure.ts';

export interface SqliteOptions {
  /** Path of the file, or `:memory:`. */
  path: string;
  migrations: Migrations;
}

type Sync = 'normal' | 'full';

const pragmas = `
  pragma busy_timeout = 5000;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma temp_store = memory;
`;

/** @throws Failure `configuration` when the file cannot be opened, is no database, or was written by a newer version */
export async function openSqliteDatabase<Tables>({ path, migrations }: SqliteOptions): Promise<Database<Tables>> {
  const asFailure = (error: unknown) => asSqliteFailure(error, `database ${path}`);
  const connect = (extra: string) => {
    try {
      const connection = new DatabaseSync(path);
      connection.exec(pragmas + extra);
      return connection;
    } catch (error) {
      throw asSqliteFailure(error, `cannot open the database ${path}`);
    }
  };
  // The writer waits for its lock in sqlite-driver.ts.
  const connectWriter = () => connect('pragma busy_timeout = 0;');
  const connectReader = () => connect('pragma query_only = on;');
  const writer = new Kysely<Tables>({ dialect: classifyErrors(sqliteWriterDialect(connectWriter()), asFailure) });
  try {
    await migrate(writer, 'sqlite', migrations);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const read = new Kysely<Tables>({
    dialect: classifyErrors(
      path === ':memory:' ? sqliteMemoryReaderDialect(writer) : sqliteReaderDialect(connectReader(), connectReader),
      asFailure,
    ),
    plugins: [queriesOnly],
  });
  let sync: Sync = 'full';
  /** In WAL mode `normal` syncs at checkpoints only. Cannot be changed inside of a transaction. */
  const setSync = async (connection: Kysely<Tables>, wanted: Sync) => {
    if (wanted !== sync) await sql.raw(`pragma synchronous = ${wanted}`).execute(connection);
    sync = wanted;
  };
  return {
    engine: 'sqlite',
    read,
    transaction: (work, { isReplayable = false } = {}) =>
      writer.connection().execute(async (connection) => {
        await setSync(connection, isReplayable ? 'normal' : 'full');
        return connection.transaction().execute(work);
      }),
    async check() {
      await sql`select 1`.execute(read);
    },
    async close() {
      await read.destroy();
      await writer.destroy();
    },
  };
}
