// The database of the stack: PostgreSQL by `pg`, one schema per database (`store`, `state`), found by search_path. Transactions are serializable,
// as on SQLite where they run one after the other, and are repeated when they lose against another; those that only write are read committed. A commit whose
// answer was lost is a Failure although it may stand: what writes is idempotent or fenced by its offset.
import { setTimeout as wait } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { Failure } from '../failure.ts';
import { classifyErrors } from './classify-errors.ts';
import type { Database } from './database.ts';
import { type Migrations, migrate } from './migrate.ts';
import { postgresDialect } from './postgres-driver.ts';
import { asPostgresFailure, isWorthRepeating } from './postgres-failure.ts';
import type { PostgresConnection } from './postgres-settings.ts';
import { queriesOnly } from './queries-only.ts';

export interface PostgresOptions {
  connection: PostgresConnection;
  /** `store`, `state`, or the second set of tables of a rebuild; made when it is missing. */
  schema: string;
  /** Who is connected, for pg_stat_activity. */
  applicationName: string;
  migrations: Migrations;
}

const connectTimeoutMs = 10_000;
const maxAttempts = 10;
const firstPauseMs = 5;

/** @throws Failure `dependency` when it cannot be reached, `configuration` when it refuses us or a migration fails */
export async function openPostgresDatabase<Tables>(options: PostgresOptions): Promise<Database<Tables>> {
  const { schema, connection, migrations } = options;
  // A migration may take long and waits for the one of another replica.
  const migrating = connect<Tables>(options, { max: 1, statement_timeout: 0, query_timeout: 0 });
  try {
    await migrate(migrating, 'postgres', migrations, schema);
  } finally {
    await migrating.destroy();
  }
  const db = connect<Tables>(options, {
    max: connection.poolSize,
    statement_timeout: connection.timeoutMs,
    // For an answer that never comes: the server would have cancelled the statement before.
    query_timeout: connection.timeoutMs + connectTimeoutMs,
  });
  const read = db.withPlugin(queriesOnly);
  return {
    engine: 'postgres',
    read,
    transaction: (work, { isReplayable = false, writesOnly = false } = {}) =>
      repeatable(() =>
        db
          .transaction()
          .setIsolationLevel(writesOnly ? 'read committed' : 'serializable')
          .execute(async (tx) => {
            if (isReplayable) await sql`set local synchronous_commit = off`.execute(tx);
            return work(tx);
          }),
      ),
    async check() {
      await sql`select 1`.execute(read);
    },
    close: () => db.destroy(),
  };
}

function connect<Tables>(
  { connection, schema, applicationName }: PostgresOptions,
  limits: pg.PoolConfig,
): Kysely<Tables> {
  const pool = new pg.Pool({
    ...limits,
    connectionString: connection.url,
    ssl: connection.ssl,
    application_name: applicationName,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: connection.timeoutMs,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A connection that breaks while no query runs on it, idle or between two of a transaction, says so at its next use and is replaced.
  // Without listeners it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Tables>({
    dialect: classifyErrors(postgresDialect(pool), (error) => asPostgresFailure(error, `PostgreSQL, schema ${schema}`)),
  });
}

async function repeatable<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthRepeating(error) || attempts === maxAttempts) throw error;
    }
    await wait(Math.random() * firstPauseMs * 2 ** attempts);
  }
}

const int8 = 20;
const numeric = 1700;

/** 64-bit integers and sums of them come as numbers, as on SQLite. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid, format) => {
  if (oid === int8) return toSafeInteger;
  if (oid === numeric) return Number;
  return pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text');
};

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new Failure('poison', `the database holds ${text}, a number too large to be exact`);
}
