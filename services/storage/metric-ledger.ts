// What the metric store outside of the database (InfluxDB) was made to say, document by document: enough to overwrite and delete only the difference
// when a version replaces another, and to know which bucket serves. `payload` is the packed rows (metric-store/pack-message.ts), compressed.
// A change is noted as pending before the engine hears of it, so that after a crash whatever may have reached it is known.
import type { Expression, ExpressionBuilder, Kysely, SchemaModule, Selectable, SqlBool, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface MetricLedgerTables {
  metric_ledger: {
    user_id: string;
    resource: string;
    object_id: string;
    version: number;
    known_at: string;
    day: string | null;
    algorithm: string | null;
    /** Where the first and last point of `payload` or `pending` stand; null when there are none. */
    first_ms: number | null;
    last_ms: number | null;
    payload: Uint8Array;
    /** The points of a version that is on its way; null when none is. */
    pending: Uint8Array | null;
  };
  metric_buckets: {
    /** `serving`. */
    slot: string;
    bucket: string;
  };
}

export type LedgerEntry = Selectable<MetricLedgerTables['metric_ledger']>;
type ObjectName = Pick<LedgerEntry, 'user_id' | 'resource' | 'object_id'>;

export async function createMetricLedgerTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('metric_ledger')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('version', types.integer64, (c) => c.notNull())
    .addColumn('known_at', 'text', (c) => c.notNull())
    .addColumn('day', 'text')
    .addColumn('algorithm', 'text')
    .addColumn('first_ms', types.integer64)
    .addColumn('last_ms', types.integer64)
    .addColumn('payload', types.bytes, (c) => c.notNull())
    .addColumn('pending', types.bytes)
    .addPrimaryKeyConstraint('metric_ledger_pk', ['user_id', 'resource', 'object_id'])
    .execute();
  await schema
    .createIndex('metric_ledger_by_time')
    .on('metric_ledger')
    .columns(['user_id', 'resource', 'first_ms'])
    .execute();
  await schema
    .createTable('metric_buckets')
    .addColumn('slot', 'text', (c) => c.primaryKey())
    .addColumn('bucket', 'text', (c) => c.notNull())
    .execute();
}

const conditionsPerQuery = 100;

/** Entries for which one of the conditions holds, each once. */
async function entriesWhere<Fact>(
  db: Kysely<MetricLedgerTables>,
  facts: readonly Fact[],
  condition: (eb: ExpressionBuilder<MetricLedgerTables, 'metric_ledger'>, fact: Fact) => Expression<SqlBool>,
): Promise<LedgerEntry[]> {
  const found = new Map<string, LedgerEntry>();
  for (let from = 0; from < facts.length; from += conditionsPerQuery) {
    const rows = await db
      .selectFrom('metric_ledger')
      .selectAll()
      .where((eb) => eb.or(facts.slice(from, from + conditionsPerQuery).map((fact) => condition(eb, fact))))
      .execute();
    for (const row of rows) found.set(`${row.user_id}/${row.resource}/${row.object_id}`, row);
  }
  return [...found.values()];
}

export const loadEntries = (db: Kysely<MetricLedgerTables>, names: readonly ObjectName[]): Promise<LedgerEntry[]> =>
  entriesWhere(db, names, (eb, { user_id, resource, object_id }) => eb.and({ user_id, resource, object_id }));

export interface Span {
  user_id: string;
  resource: string;
  firstMs: number;
  lastMs: number;
}

/** Entries with a point inside one of the spans, or on both sides of it. */
export const loadOverlapping = (db: Kysely<MetricLedgerTables>, spans: readonly Span[]): Promise<LedgerEntry[]> =>
  entriesWhere(db, spans, (eb, { user_id, resource, firstMs, lastMs }) =>
    eb.and([eb.and({ user_id, resource }), eb('first_ms', '<=', lastMs), eb('last_ms', '>=', firstMs)]),
  );

const entriesPerInsert = 400;

export async function saveEntries(tx: Transaction<MetricLedgerTables>, entries: readonly LedgerEntry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += entriesPerInsert) {
    await tx
      .insertInto('metric_ledger')
      .values(entries.slice(from, from + entriesPerInsert))
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'resource', 'object_id']).doUpdateSet((eb) => ({
          version: eb.ref('excluded.version'),
          known_at: eb.ref('excluded.known_at'),
          day: eb.ref('excluded.day'),
          algorithm: eb.ref('excluded.algorithm'),
          first_ms: eb.ref('excluded.first_ms'),
          last_ms: eb.ref('excluded.last_ms'),
          payload: eb.ref('excluded.payload'),
          pending: eb.ref('excluded.pending'),
        })),
      )
      .execute();
  }
}

/** Everyone the ledger has something of, in the order of their ids' code units. */
export async function usersInLedger(db: Kysely<MetricLedgerTables>): Promise<string[]> {
  const rows = await db.selectFrom('metric_ledger').select('user_id').distinct().execute();
  return rows.map((row) => row.user_id).sort();
}

/** Where the first point at or after `fromMs` may stand; undefined when there is none. */
export async function nextPointMs(
  db: Kysely<MetricLedgerTables>,
  user: string,
  fromMs: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('metric_ledger')
    .select(({ fn }) => fn.min<number | null>('first_ms').as('first_ms'))
    .where('user_id', '=', user)
    .where('last_ms', '>=', fromMs)
    .executeTakeFirst();
  return row?.first_ms === null || row?.first_ms === undefined ? undefined : Math.max(row.first_ms, fromMs);
}

/** The documents of a person with points inside [fromMs, toMs). */
export async function documentsBetween(
  db: Kysely<MetricLedgerTables>,
  user: string,
  fromMs: number,
  toMs: number,
): Promise<Omit<LedgerEntry, 'payload' | 'pending'>[]> {
  return db
    .selectFrom('metric_ledger')
    .select(['user_id', 'resource', 'object_id', 'version', 'known_at', 'day', 'algorithm', 'first_ms', 'last_ms'])
    .where('user_id', '=', user)
    .where('first_ms', '<', toMs)
    .where('last_ms', '>=', fromMs)
    .execute();
}

export async function eraseFromLedger(tx: Transaction<MetricLedgerTables>, user: string): Promise<void> {
  await tx.deleteFrom('metric_ledger').where('user_id', '=', user).execute();
}

/** The bucket that this set of tables speaks for; undefined until one was named. */
export async function servingBucket(db: Kysely<MetricLedgerTables>): Promise<string | undefined> {
  const row = await db.selectFrom('metric_buckets').select('bucket').where('slot', '=', 'serving').executeTakeFirst();
  return row?.bucket;
}

export async function nameServingBucket(tx: Transaction<MetricLedgerTables>, bucket: string): Promise<void> {
  await tx
    .insertInto('metric_buckets')
    .values({ slot: 'serving', bucket })
    .onConflict((conflict) => conflict.column('slot').doUpdateSet({ bucket }))
    .execute();
}
