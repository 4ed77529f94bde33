import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { describeDatabase } from '../conformance/database.ts';
import { type DatabaseSubject, type ProbeTables, probeMigrations } from '../conformance/database-subject.ts';
import { closing } from '../support/closing.ts';
import { connectionTo, type PostgresServer, startPostgres } from './postgres-container.ts';

const kept = closing(afterAll);
let server: PostgresServer;
beforeAll(async () => {
  server = kept(await startPostgres());
});

async function openSubject(): Promise<DatabaseSubject> {
  const connection = connectionTo(await server.createDatabase());
  const opened: Database<ProbeTables>[] = [];
  const open = async (migrations: Migrations = probeMigrations) => {
    const database = await openPostgresDatabase<ProbeTables>({
      connection,
      schema: 'state',
      applicationName: 'test',
      migrations,
    });
    opened.push(database);
    return database;
  };
  return {
    database: await open(),
    open,
    close: async () => void (await Promise.all(opened.map((database) => database.close()))),
  };
}

describeDatabase('PostgreSQL', openSubject);

test('a zombie waits for the offset that its successor moves and then writes nothing, also where it only writes', async () => {
  const { database, close } = await openSubject();
  await sql`create table offsets (at integer primary key, next_offset integer not null)`.execute(database.read);
  await sql`insert into offsets values (0, 0)`.execute(database.read);
  const moved: number[] = [];
  const move = (to: number, meanwhile: () => Promise<unknown> = async () => {}) =>
    database.transaction(
      async (tx) => {
        const { numAffectedRows } = await sql`update offsets set next_offset = ${to} where next_offset = 0`.execute(tx);
        await meanwhile();
        moved.push(Number(numAffectedRows));
      },
      { writesOnly: true },
    );
  let zombie: Promise<void> | undefined;
  await move(5, async () => {
    zombie = move(3);
    await sql`select pg_sleep(0.2)`.execute(database.read);
    expect(moved).toEqual([]);
  });
  await zombie;
  expect(moved).toEqual([1, 0]);
  await close();
});
