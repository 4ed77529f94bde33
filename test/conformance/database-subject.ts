// What the conformance suite of the Database port is handed, and the tables its checks use. Nothing here knows which engine it is.
import assert from 'node:assert/strict';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { Failure, type FailureKind } from '../../services/runtime/failure.ts';
import { createOffsetTables, type OffsetTables } from '../../services/storage/consumer-offsets.ts';
import { createLeaseTables, type LeaseTables } from '../../services/storage/leases.ts';

export interface ProbeTables extends OffsetTables, LeaseTables {
  items: {
    id: string;
    counter: number;
    ratio: number | null;
    note: string | null;
    payload: Uint8Array | null;
  };
  /** One row for each run of a migration. */
  runs: { step: string };
}

export const probeMigrations: Migrations = (types) => ({
  '0001_items': {
    async up(db) {
      await db.schema
        .createTable('items')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('counter', types.integer64, (c) => c.notNull())
        .addColumn('ratio', types.double)
        .addColumn('note', 'text')
        .addColumn('payload', types.bytes)
        .execute();
      await db.schema
        .createTable('runs')
        .addColumn('step', 'text', (c) => c.notNull())
        .execute();
      await db.insertInto('runs').values({ step: '0001_items' }).execute();
    },
  },
  '0002_offsets': { up: (db) => createOffsetTables(db.schema, types) },
  '0003_leases': { up: (db) => createLeaseTables(db.schema, types) },
});

export interface DatabaseSubject {
  database: Database<ProbeTables>;
  /** Opens the same data once more, as another process would. Only where data outlives a connection. */
  open(migrations?: Migrations): Promise<Database<ProbeTables>>;
  /** Closes everything that was opened. */
  close(): Promise<void>;
}

/** Opens on empty data, with the probe migrations. */
export type OpenDatabaseSubject = () => Promise<DatabaseSubject>;

export interface DatabaseCheck {
  name: string;
  /** It opens the same data more than once, which a database in memory cannot. */
  reopens?: true;
  run(subject: DatabaseSubject): Promise<void>;
}

export const item = (id: string, values: Partial<ProbeTables['items']> = {}): ProbeTables['items'] => ({
  id,
  counter: 0,
  ratio: null,
  note: null,
  payload: null,
  ...values,
});

export const addItem = (database: Database<ProbeTables>, id: string, values?: Partial<ProbeTables['items']>) =>
  database.transaction((tx) => tx.insertInto('items').values(item(id, values)).execute());

export const itemIds = async (database: Database<ProbeTables>): Promise<string[]> =>
  (await database.read.selectFrom('items').select('id').orderBy('id').execute()).map(({ id }) => id);

/** Asserts that `work` rejects with a Failure of this kind. */
export async function rejectsAs(kind: FailureKind, work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Failure, `expected a Failure, got ${String(error)}`);
  assert.equal(error.kind, kind, error.message);
  return error;
}
