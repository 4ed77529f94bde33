// Makes the serving store say what a rebuilt one says, in one transaction: every table is emptied and filled from the other file. Readers see the old
// content until the commit and the new one after it; a kill in between changes nothing. Files are not swapped, because every process that has
// the old one open, and its WAL, would stay with it. The consumers' offsets come along, so a running consumer is fenced once, reloads and goes on.
// Copies synchronously: where a server runs, it belongs into a worker thread or another process.

import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { asSqliteFailure, isSqliteBusy } from '../../runtime/database/sqlite-failure.ts';
import { Failure } from '../../runtime/failure.ts';

export interface SqliteSwitch {
  /** The file that serves. */
  path: string;
  /** The file that was filled; closed by whoever filled it. */
  rebuiltPath: string;
}

const lockTimeoutMs = 60_000;
const lockRetryMs = 10;

/** Resolves to the number of rows per table. @throws Failure; then the serving store is as it was */
export async function switchSqliteStore({ path, rebuiltPath }: SqliteSwitch): Promise<Record<string, number>> {
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma busy_timeout = 0; pragma synchronous = full;');
    database.prepare('attach database ? as rebuilt').run(rebuiltPath);
    refuseOtherTables(database);
    await begin(database);
    const counts = copyTables(database);
    database.exec('commit');
    return counts;
  } catch (error) {
    throw asSqliteFailure(error, `switching ${path} to what was rebuilt`);
  } finally {
    // Closing rolls back what was not committed.
    database.close();
  }
}

const tableNames = (database: DatabaseSync, schema: 'main' | 'rebuilt'): string[] =>
  database
    .prepare(`select name from ${schema}.sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`)
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !name.startsWith('kysely_'));

const definitionOf = (database: DatabaseSync, schema: 'main' | 'rebuilt'): string =>
  database
    .prepare(`select sql from ${schema}.sqlite_schema where sql is not null order by name`)
    .all()
    .map(({ sql }) => String(sql))
    .join(';');

function refuseOtherTables(database: DatabaseSync): void {
  if (definitionOf(database, 'main') === definitionOf(database, 'rebuilt')) return;
  throw new Failure(
    'configuration',
    'the rebuilt store was made by another version of this program than the one that serves: restart the server, then rebuild again',
  );
}

async function begin(database: DatabaseSync): Promise<void> {
  const untilMs = performance.now() + lockTimeoutMs;
  for (;;) {
    try {
      return database.exec('begin immediate');
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > untilMs) throw error;
    }
    await wait(lockRetryMs);
  }
}

function copyTables(database: DatabaseSync): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const table of tableNames(database, 'rebuilt')) {
    database.exec(`delete from main."${table}"`);
    const { changes } = database.prepare(`insert into main."${table}" select * from rebuilt."${table}"`).run();
    counts[table] = Number(changes);
  }
  return counts;
}
