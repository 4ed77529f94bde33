import { afterAll, beforeAll } from '@jest/globals';
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
