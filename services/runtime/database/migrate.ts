// Brings the tables of a database to the newest step, each step once. Kysely's migrator takes a lock, so several processes may start at once.
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Failure } from '../failure.ts';
import { type ColumnTypes, columnTypes } from './column-types.ts';
import type { Engine } from './database.ts';

/** The steps of one database, by name; they run in the order of their names. */
export type Migrations = (types: ColumnTypes) => Readonly<Record<string, Migration>>;

/** @throws Failure `configuration` that names the step that failed */
export async function migrate<Tables>(db: Kysely<Tables>, engine: Engine, migrations: Migrations): Promise<void> {
  const steps = migrations(columnTypes[engine]);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...steps }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (!error) return;
  if (error instanceof Failure && error.kind === 'dependency') throw error;
  const reason = error instanceof Error ? error.message : String(error);
  if (reason.includes('previously executed migration'))
    throw new Failure('configuration', `a newer version wrote this database (${reason}): update oura-streaming`, {
      cause: error,
    });
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the migrations';
  throw new Failure('configuration', `the database could not be brought up to date at ${failed}: ${reason}`, {
    cause: error,
  });
}
