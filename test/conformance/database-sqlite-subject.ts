// The embedded database as a subject of the conformance suite: in memory, and as a file in a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { openSqliteDatabase } from '../../services/runtime/database/sqlite-database.ts';
import { type DatabaseSubject, type ProbeTables, probeMigrations } from './database-subject.ts';

export async function openMemorySubject(): Promise<DatabaseSubject> {
  const open = (migrations: Migrations = probeMigrations) =>
    openSqliteDatabase<ProbeTables>({ path: ':memory:', migrations });
  const database = await open();
  return { database, open, close: () => database.close() };
}

export async function openFileSubject(): Promise<DatabaseSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'database-'));
  const opened: Database<ProbeTables>[] = [];
  const open = async (migrations: Migrations = probeMigrations) => {
    const database = await openSqliteDatabase<ProbeTables>({ path: join(folder, 'test.db'), migrations });
    opened.push(database);
    return database;
  };
  return {
    database: await open(),
    open,
    async close() {
      await Promise.all(opened.map((database) => database.close()));
      await rm(folder, { recursive: true });
    },
  };
}
