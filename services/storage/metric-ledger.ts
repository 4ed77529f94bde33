// What the metric store outside of the database (InfluxDB) was made to say, document by document: enough to overwrite and delete only the difference
// when a version replaces another, and to know which bucket serves. `payload` is the packed rows (metric-store/pack-message.ts), compressed when long.
// A change is noted as pending before the engine hears of it, so that after a crash whatever may have reached it is known.
import {
  type AliasedRawBuilder,
  type Kysely,
  type RawBuilder,
  type SchemaModule,
  type Selectable,
  type SqlBool,
  sql,
  type Transaction,
} from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';
import { documentKey } from './metric-points.ts';

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

/** Longer ones are few and have an index of their own, so that a short look back finds all others. Part of a migration: it does not change. */
const longMs = 2 * 24 * 60 * 60 * 1000;
const isLong = sql<SqlBool>`last_ms - first_ms > ${sql.lit(longMs)}`;

/** Added to the tables above. */
export async function createLongDocumentIndex(schema: SchemaModule): Promise<void> {
  await schema
    .createIndex('metric_ledger_long_by_time')
    .on('metric_ledger')
    .columns(['user_id', 'resource', 'first_ms'])
    .where(isLong)
    .execute();
}

/** SQLite takes 32,766 parameters; a span has six. */
const spansPerQuery = 1000;
const sharedPerQuery = 100;

/**
 * What is asked for many documents at once, as a table `given` to join with: a thousand conditions in one `where` let PostgreSQL read the whole
 * ledger. Both engines name its columns `column1` and so on.
 */
function given<Columns>(rows: readonly RawBuilder<unknown>[]): AliasedRawBuilder<Columns, 'given'> {
  return sql<Columns>`(values ${sql.join(rows.map((row) => sql`(${row})`))})`.as('given');
}

async function inParts<Item, Found>(
  items: readonly Item[],
  size: number,
  load: (part: readonly Item[]) => Promise<Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let from = 0; from < items.length; from += size) found.push(...(await load(items.slice(from, from + size))));
  return found;
}

/** The names are of different documents. */
export const loadEntries = (db: Kysely<MetricLedgerTables>, names: readonly ObjectName[]): Promise<LedgerEntry[]> =>
  inParts(names, spansPerQuery, (part) =>
    db
      .selectFrom(
        given<Record<'column1' | 'column2' | 'column3', string>>(
          part.map(({ user_id, resource, object_id }) => sql.join([user_id, resource, object_id])),
        ),
      )
      .innerJoin('metric_ledger', (join) =>
        join
          .onRef('user_id', '=', 'given.column1')
          .onRef('resource', '=', 'given.column2')
          .onRef('object_id', '=', 'given.column3'),
      )
      .selectAll('metric_ledger')
      .execute(),
  );

/** Where the points of a document stand. */
export interface Span extends ObjectName {
  firstMs: number;
  lastMs: number;
}

/** Other documents with a point inside one of the spans, or on both sides of it. */
export async function loadOverlapping(db: Kysely<MetricLedgerTables>, spans: readonly Span[]): Promise<LedgerEntry[]> {
  const shared = await inParts(spans, spansPerQuery, (part) => sharedSpans(db, part));
  const entries = await inParts(shared, sharedPerQuery, (part) =>
    db
      .selectFrom('metric_ledger')
      .selectAll()
      .where((eb) =>
        eb.or(
          part.map(({ user_id, resource, object_id, firstMs, lastMs }) =>
            eb.and([
              eb.and({ user_id, resource }),
              eb('object_id', '!=', object_id),
              eb('first_ms', '<=', lastMs),
              eb('last_ms', '>=', firstMs),
              eb.or([eb('first_ms', '>=', firstMs - longMs), isLong]),
            ]),
          ),
        ),
      )
      .execute(),
  );
  return [...new Map(entries.map((entry) => [documentKey(entry), entry])).values()];
}

/**
 * Those of the spans in which another document has points; hardly any has. Counted span by span, because PostgreSQL, asked to join them, expects a
 * third of the ledger for each and reads all of it.
 */
async function sharedSpans(db: Kysely<MetricLedgerTables>, spans: readonly Span[]): Promise<Span[]> {
  const table = given<{
    column1: string;
    column2: string;
    column3: string;
    column4: number;
    column5: number;
    column6: number;
  }>(
    spans.map(
      ({ user_id, resource, object_id, firstMs, lastMs }, index) =>
        sql`${user_id}, ${resource}, ${object_id}, cast(${firstMs} as bigint), cast(${lastMs} as bigint), cast(${index} as bigint)`,
    ),
  );
  const rows = await db
    .selectFrom(table)
    .select((eb) => {
      const others = eb
        .selectFrom('metric_ledger')
        .select(eb.fn.countAll<number>().as('others'))
        .whereRef('user_id', '=', 'given.column1')
        .whereRef('resource', '=', 'given.column2')
        .whereRef('object_id', '!=', 'given.column3')
        .whereRef('first_ms', '<=', 'given.column5')
        .whereRef('last_ms', '>=', 'given.column4');
      return [
        'given.column6 as index',
        others.where('first_ms', '>=', sql<number>`given.column4 - ${sql.lit(longMs)}`).as('short'),
        others.where(isLong).as('long'),
      ];
    })
    .execute();
  return rows.flatMap(({ index, short, long }) => (short || long ? (spans[index] ?? []) : []));
}

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
