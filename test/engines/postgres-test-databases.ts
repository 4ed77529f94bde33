// Stands in for test/support/databases.ts, so the tests of the modules run against PostgreSQL unchanged: each opened database is
// migrated and empty.
import { randomBytes } from 'node:crypto';
import type { KyselyPlugin } from 'kysely';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { stateMigrations } from '../../services/storage/migrations/state-migrations.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import type { StateDatabase, StateTables, StoreDatabase, StoreTables } from '../../services/storage/tables.ts';
import { connectionTo, runSql } from './postgres-container.ts';
import { onItsWay } from './postgres-settle.ts';

export const openTestStore = (): Promise<StoreDatabase> => openEmpty<StoreTables>('store', storeMigrations);
export const openTestState = (): Promise<StateDatabase> => openEmpty<StateTables>('state', stateMigrations);

/** Databases that were closed: emptied and used again, because making one takes a second. */
const free = new Map<string, string[]>();

function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: postgres-global-setup.ts sets it');
  return url;
}

async function openEmpty<Tables>(schema: string, migrations: Migrations): Promise<Database<Tables>> {
  const names = free.get(schema) ?? [];
  free.set(schema, names);
  const name = names.pop() ?? (await createDatabase());
  const url = Object.assign(new URL(serverUrl()), { pathname: `/${name}` }).href;
  const connection = connectionTo(url);
  const database = await openPostgresDatabase<Tables>({ connection, schema, applicationName: 'test', migrations });
  return watched(database, async () => {
    await database.close();
    await emptyTables(url, schema);
    names.push(name);
  });
}

async function createDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(serverUrl(), `create database ${name}`);
  return name;
}

async function emptyTables(url: string, schema: string): Promise<void> {
  if (!new URL(url).pathname.includes('test')) throw new Error('refusing to empty a database whose name lacks test');
  const tables = await runSql(
    url,
    `select tablename from pg_tables where schemaname = '${schema}' and tablename not like 'kysely_%'`,
  );
  const deletes = tables.map(({ tablename }) => `delete from ${schema}.${String(tablename)}`);
  // As a replica, so the order of the tables does not matter to their foreign keys.
  await runSql(url, ['set session_replication_role = replica', ...deletes].join(';'));
}

/** Tells the manual clock what is on its way. */
function watched<Tables>(database: Database<Tables>, close: () => Promise<void>): Database<Tables> {
  const reads = new Map<object, () => void>();
  const watch: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      reads.set(queryId, resolve);
      void onItsWay(promise);
      setTimeout(resolve, 2000).unref();
      return node;
    },
    async transformResult({ result, queryId }) {
      reads.get(queryId)?.();
      return result;
    },
  };
  return {
    ...database,
    read: database.read.withPlugin(watch),
    transaction: (work) => onItsWay(database.transaction(work)),
    close,
  };
}
