// What the PostgreSQL adapter does when the server or a connection is gone: it says `dependency`, holds no broken connection, and goes on by itself.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../services/runtime/database/database.ts';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { addItem, item, itemIds, type ProbeTables, probeMigrations } from '../conformance/database-subject.ts';
import { closing } from '../support/closing.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { connectionTo, type PostgresServer, runSql, startPostgres } from './postgres-container.ts';

const kept = closing(afterAll);
let server: PostgresServer;
let url = '';
let database: Database<ProbeTables>;

const open = (to = url) =>
  openPostgresDatabase<ProbeTables>({
    connection: { ...connectionTo(to), timeoutMs: 3000 },
    schema: 'state',
    applicationName: 'faults',
    migrations: probeMigrations,
  });

beforeAll(async () => {
  server = kept(await startPostgres());
  url = await server.createDatabase();
  database = kept(await open());
});

const cutConnections = () =>
  runSql(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'faults'");

test('a connection that is cut in a transaction is a dependency failure, and the next one works', async () => {
  const cut = database.transaction(async (tx) => {
    await tx.insertInto('items').values(item('cut')).execute();
    await cutConnections();
    await tx.insertInto('items').values(item('after')).execute();
  });
  await expect(cut).rejects.toMatchObject({ name: 'Failure', kind: 'dependency' });
  await addItem(database, 'next');
  expect(await itemIds(database)).toEqual(['next']);
});

test('idle connections that are cut harm nothing', async () => {
  await Promise.all([database.check(), database.check(), database.check()]);
  await cutConnections();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await database.check().catch((error) => expect(error).toMatchObject({ kind: 'dependency' }));
  }
  await database.check();
});

test('a statement that takes too long is cancelled by the server', async () => {
  await expect(sql`select pg_sleep(30)`.execute(database.read)).rejects.toMatchObject({ kind: 'dependency' });
  await database.check();
});

test('a transaction that loses a deadlock is run again', async () => {
  await addItem(database, 'left');
  await addItem(database, 'right');
  const runs = { first: 0, second: 0 };
  const gate = Promise.withResolvers<void>();
  let arrived = 0;
  const both = async () => {
    arrived += 1;
    if (arrived === 2) gate.resolve();
    await gate.promise;
  };
  const update = (name: keyof typeof runs, ids: readonly string[]) =>
    database.transaction(async (tx) => {
      runs[name] += 1;
      for (const [index, id] of ids.entries()) {
        await tx
          .updateTable('items')
          .set((eb) => ({ counter: eb('counter', '+', 1) }))
          .where('id', '=', id)
          .execute();
        if (index === 0) await both();
      }
    });
  await Promise.all([update('first', ['left', 'right']), update('second', ['right', 'left'])]);
  expect(runs.first + runs.second).toBeGreaterThan(2);
  const counters = await database.read
    .selectFrom('items')
    .select('counter')
    .where('id', 'in', ['left', 'right'])
    .execute();
  expect(counters.map(({ counter }) => counter)).toEqual([2, 2]);
});

test('a stream that is left early gives its connection back', async () => {
  for (let round = 0; round < 10; round += 1) {
    for await (const row of database.read.selectFrom('items').selectAll().stream(1)) {
      expect(row.id).toBeDefined();
      break;
    }
  }
  await database.check();
});

test('a network that swallows everything is a dependency failure meanwhile', async () => {
  const { hostname, port } = new URL(url);
  const network = await openTcpProxy({ host: hostname, port: Number(port) });
  const behind = await open(Object.assign(new URL(url), { host: `127.0.0.1:${network.port}` }).href);
  try {
    network.swallow(true);
    const lost = behind.transaction((tx) => tx.insertInto('items').values(item('lost')).execute());
    await expect(lost).rejects.toMatchObject({ kind: 'dependency' });
    network.swallow(false);
    await addItem(behind, 'through');
    expect(await itemIds(behind)).toContain('through');
  } finally {
    await behind.close();
    await network.close();
  }
});

test('an address where nobody listens is a dependency, an unknown database a matter of configuration', async () => {
  await expect(open('postgres://owner:secret@127.0.0.1:1/test')).rejects.toMatchObject({ kind: 'dependency' });
  const missing = Object.assign(new URL(url), { pathname: '/test_missing' }).href;
  await expect(open(missing)).rejects.toMatchObject({ kind: 'configuration' });
});

test('a server without TLS is told apart from one that is down', async () => {
  const overTls = openPostgresDatabase<ProbeTables>({
    connection: { ...connectionTo(url), ssl: { rejectUnauthorized: false } },
    schema: 'state',
    applicationName: 'faults',
    migrations: probeMigrations,
  });
  await expect(overTls).rejects.toMatchObject({ kind: 'configuration', message: expect.stringContaining('SSL') });
});
