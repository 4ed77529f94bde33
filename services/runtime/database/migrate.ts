// Brings the tables of a database to the newest step, each step once and all missing ones together or not at all. Several processes may
// start at once: one migrates, the others wait and find it done.
import type { Kysely } from 'kysely';
import { type Migration, type MigrationResult, Migrator } from 'kysely/migration';
import { Failure } from '../failure.ts';
import { type ColumnTypes, columnTypes } from './column-types.ts';
import type { Engine } from './database.ts';
import { strictTables } from './strict-tables.ts';

/** The steps of one database, by name; they run in the order of their names. */
export type Migrations = (types: ColumnTypes) => Readonly<Record<string, Migration>>;

/**
 * @param schema where PostgreSQL has the tables; made when it is missing
 * @throws Failure `configuration` that names the step that failed
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  engine: Engine,
  migrations: Migrations,
  schema?: string,
): Promise<void> {
  const steps = migrations(columnTypes[engine]);
  const getMigrations = async () => (engine === 'sqlite' ? withStrictTables(steps) : { ...steps });
  const run = async (on: Kysely<Tables>) => {
    const migrator = new Migrator({
      db: on,
      provider: { getMigrations },
      ...(schema !== undefined && { migrationTableSchema: schema }),
    });
    const { error, results } = await migrator.migrateToLatest();
    if (error) throw migrationFailure(error, results);
  };
  // SQLite has no lock beside its write lock, so there the look at what is missing belongs into the transaction, too.
  await (engine === 'sqlite' ? db.transaction().execute(run) : run(db));
}

const withStrictTables = (steps: Readonly<Record<string, Migration>>): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      { up: (db: Kysely<unknown>) => step.up(db.withPlugin(strictTables)) },
    ]),
  );

function migrationFailure(error: unknown, results: readonly MigrationResult[] = []): Failure {
  if (error instanceof Failure && error.kind === 'dependency') return error;
  const reason = error instanceof Error ? error.message : String(error);
  const failed = results.find(({ status }) => status === 'Error')?.migrationName ?? 'the migrations';
  const message = reason.includes('previously executed migration')
    ? `a newer version wrote this database (${reason}): update oura-streaming`
    : `the database could not be brought up to date at ${failed}: ${reason}${remedy(reason)}`;
  return new Failure('configuration', message, { cause: error });
}

const remedy = (reason: string): string =>
  reason.includes('permission denied')
    ? '. The owner of the tables does it: run "oura-streaming prepare" with its DATABASE_URL'
    : '';
