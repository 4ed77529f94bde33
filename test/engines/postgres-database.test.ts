import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { loadOffset, moveOffset } from '../../services/storage/consumer-offsets.ts';
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

test('a zombie waits for the offset that its successor moves and then moves nothing, also where it only writes', async () => {
  const { database, close } = await openSubject();
  const at = { topic: 'facts', partition: 0 };
  const ended: boolean[] = [];
  const move = (to: number, meanwhile: () => Promise<unknown> = async () => {}) =>
    database.transaction(
      async (tx) => {
        const moved = await moveOffset(tx, { consumer: 'c', at, from: 0, to, nowMs: 1 });
        await meanwhile();
        ended.push(moved);
      },
      { writesOnly: true },
    );
  await database.transaction((tx) => moveOffset(tx, { consumer: 'c', at, from: undefined, to: 0, nowMs: 1 }));
  let zombie: Promise<void> | undefined;
  await move(5, async () => {
    zombie = move(3);
    await sql`select pg_sleep(0.2)`.execute(database.read);
    expect(ended).toEqual([]);
  });
  await zombie;
  expect(ended).toEqual([true, false]);
  expect(await loadOffset(database.read, 'c', at)).toBe(5);
  await close();
});
