// The rights of the services' roles on a real PostgreSQL: each role signs in and tries every table.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { listGrantSummaries } from '../../services/storage/grants.ts';
import { stateMigrations } from '../../services/storage/migrations/state-migrations.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import { databaseRoles, grantStatements, roleName } from '../../services/storage/roles.ts';
import { applyRoles } from '../../services/storage/roles-apply.ts';
import type { StateTables, StoreTables } from '../../services/storage/tables.ts';
import { closing } from '../support/closing.ts';
import { connectionTo, type PostgresServer, runSql, startPostgres } from './postgres-container.ts';

const password = 'of-the-roles';
const keptForAll = closing(afterAll);
const kept = closing(afterEach);
let server: PostgresServer;
let ownerUrl = '';

const urlOf = (user: string, secret: string) =>
  Object.assign(new URL(ownerUrl), { username: user, password: secret }).href;
const openState = (url: string, migrations = stateMigrations) =>
  openPostgresDatabase<StateTables>({
    connection: connectionTo(url),
    schema: 'state',
    applicationName: 'test',
    migrations,
  });
const openStore = (url: string) =>
  openPostgresDatabase<StoreTables>({
    connection: connectionTo(url),
    schema: 'store',
    applicationName: 'test',
    migrations: storeMigrations,
  });

beforeAll(async () => {
  server = keptForAll(await startPostgres());
  ownerUrl = await server.createDatabase();
  keptForAll(await openStore(ownerUrl));
  const state = keptForAll(await openState(ownerUrl));
  await applyRoles({ state, password });
  // Again, and two at once, as replicas of `prepare` would.
  await Promise.all([applyRoles({ state, password }), applyRoles({ state, password })]);
});

const tables = async () =>
  (
    await runSql(
      ownerUrl,
      `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('store', 'state') order by 1`,
    )
  ).map(({ name }) => String(name));

describe.each(databaseRoles.map((role) => [role] as const))('the role of %s', (role) => {
  test('signs in, finds the tables migrated, and may change its own tables and no others', async () => {
    const url = urlOf(roleName(role), password);
    const store = kept(await openStore(url));
    const state = kept(await openState(url));
    await Promise.all([store.check(), state.check()]);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const allowed: string[] = [];
    for (const table of await tables()) {
      // Rights are checked before rows are looked for.
      const outcome = await client.query(`delete from ${table} where false`).then(
        () => 'allowed',
        (error: { code?: string }) => error.code,
      );
      if (outcome === 'allowed') allowed.push(table);
      else expect([table, outcome]).toEqual([table, '42501']);
    }
    await client.end();
    const own = grantStatements()
      .filter((statement) => statement.startsWith('grant select, insert') && statement.includes(roleName(role)))
      .map((statement) => / on (\S+) /.exec(statement)?.[1]);
    expect(allowed).toEqual(own.toSorted());
    expect(allowed.length > 0).toBe(role !== 'live' && role !== 'grafana');
  });

  test('makes no tables, schemas or roles', async () => {
    const url = urlOf(roleName(role), password);
    for (const statement of [
      'create table state.mine (id int)',
      'create schema mine',
      'create role mine',
      'truncate state.people',
      'alter table state.people add column more text',
      'drop table state.people',
    ])
      await expect(runSql(url, statement)).rejects.toMatchObject({ code: '42501' });
  });
});

test('every table is known to the roles', async () => {
  const statements = grantStatements().join('\n');
  for (const table of await tables()) expect(statements).toContain(table);
});

test('tokens are read by ingest alone, others see whether there is a grant', async () => {
  await expect(runSql(urlOf('oura_ingest', password), 'select tokens from state.grants')).resolves.toEqual([]);
  for (const role of ['oura_live', 'oura_alert', 'oura_archive', 'oura_normalize', 'oura_grafana']) {
    await expect(runSql(urlOf(role, password), 'select tokens from state.grants')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(runSql(urlOf(role, password), 'select * from state.connect_attempts')).rejects.toMatchObject({
      code: '42501',
    });
  }
  const state = kept(await openState(urlOf('oura_live', password)));
  expect(await listGrantSummaries(state.read)).toEqual([]);
});

test('a service that starts before the tables are updated says who updates them', async () => {
  const newer: typeof stateMigrations = (types) => ({
    ...stateMigrations(types),
    '9999_more': { up: (db) => db.schema.createTable('more').addColumn('id', 'text').execute() },
  });
  await expect(openState(urlOf('oura_alert', password), newer)).rejects.toMatchObject({
    kind: 'configuration',
    message: expect.stringMatching(/9999_more.*permission denied.*prepare/),
  });
});

test('a wrong password is a matter of configuration', async () => {
  await expect(openState(urlOf('oura_alert', 'wrong'))).rejects.toMatchObject({ kind: 'configuration' });
});

test('an owner who may not make roles is told what to do', async () => {
  const url = await server.createDatabase();
  await runSql(
    url,
    `create role plain login password 'plain'; grant create on database ${new URL(url).pathname.slice(1)} to plain`,
  );
  const plain = Object.assign(new URL(url), { username: 'plain', password: 'plain' }).href;
  const state = kept(await openState(plain));
  await expect(applyRoles({ state, password })).rejects.toThrow(
    /roles\.sql, or give DATABASE_URL a user with createrole/,
  );
});
