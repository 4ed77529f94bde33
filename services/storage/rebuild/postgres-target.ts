// The second set of tables in PostgreSQL: a schema beside the one that serves. The switch moves its tables over in one transaction, with the rights
// that the services have on the old ones; it waits for readers at hand and takes milliseconds, however large the tables are.
import { sql, type Transaction } from 'kysely';
import { openPostgresDatabase } from '../../runtime/database/postgres-database.ts';
import type { PostgresConnection } from '../../runtime/database/postgres-settings.ts';
import { storeMigrations } from '../migrations/store-migrations.ts';
import type { StoreTables } from '../tables.ts';
import type { RebuildTarget } from './rebuild-store.ts';

const serving = 'store';
const rebuilt = 'store_rebuild';

/** @param connection as the owner of the tables: a service's own role may not drop them */
export function postgresTarget(connection: PostgresConnection): RebuildTarget {
  const open = (schema: string) =>
    openPostgresDatabase<StoreTables>({ connection, schema, applicationName: 'rebuild', migrations: storeMigrations });
  /** Runs `work` in one transaction of the serving schema. */
  const inServing = async (work: (tx: Transaction<StoreTables>) => Promise<void>) => {
    const database = await open(serving);
    try {
      await database.transaction(work);
    } finally {
      await database.close();
    }
  };
  const clean = () =>
    inServing(async (tx) => void (await sql`drop schema if exists ${sql.id(rebuilt)} cascade`.execute(tx)));
  return {
    clean,
    async open() {
      await clean();
      return open(rebuilt);
    },
    switchOver: () =>
      inServing(async (tx) => {
        for (const table of await tablesOf(tx)) await moveTable(tx, table);
      }),
  };
}

async function tablesOf(tx: Transaction<StoreTables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = ${rebuilt} and tablename not like 'kysely%' order by 1
  `.execute(tx);
  return rows.map(({ name }) => name);
}

async function moveTable(tx: Transaction<StoreTables>, table: string): Promise<void> {
  const { rows: grants } = await sql<{ grantee: string; privilege: string }>`
    select grantee, privilege_type as privilege from information_schema.role_table_grants
    where table_schema = ${serving} and table_name = ${table} and grantee <> grantor
  `.execute(tx);
  await sql`drop table if exists ${sql.id(serving, table)}`.execute(tx);
  await sql`alter table ${sql.id(rebuilt, table)} set schema ${sql.id(serving)}`.execute(tx);
  for (const { grantee, privilege } of grants) {
    const to = grantee === 'PUBLIC' ? sql`public` : sql.id(grantee);
    // The privilege comes from the catalogue, so it is one of its words.
    await sql`grant ${sql.raw(privilege)} on ${sql.id(serving, table)} to ${to}`.execute(tx);
  }
}
