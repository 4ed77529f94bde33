// The embedded metric store's tables. `metric_documents` is the ledger: which version of each document the store speaks for. `metric_rows` holds
// what that version says, packed: a series, or the points of one metric, is one row and is unpacked when it is read (metric-store/pack-message.ts).
// Written by normalize alone, through the SqlMetricStore.
import type { Insertable, Kysely, SchemaModule, Selectable, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface MetricTables {
  metric_documents: {
    user_id: string;
    resource: string;
    object_id: string;
    version: number;
    /** When the request that brought this version began, ISO 8601 UTC. */
    known_at: string;
    day: string | null;
    algorithm: string | null;
  };
  metric_rows: {
    user_id: string;
    resource: string;
    object_id: string;
    row_no: number;
    metric: string;
    aggregation: string;
    context: string | null;
    unit: string;
    /** Where the first and the last of its points stand (placement.ts). */
    first_ms: number;
    last_ms: number;
    start_text: string;
    end_text: string | null;
    interval_s: number | null;
    value: number | null;
    word: string | null;
    /** JSON of what a row of several points holds. */
    items: string | null;
  };
}

export async function createMetricTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('metric_documents')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('version', types.integer64, (c) => c.notNull())
    .addColumn('known_at', 'text', (c) => c.notNull())
    .addColumn('day', 'text')
    .addColumn('algorithm', 'text')
    .addPrimaryKeyConstraint('metric_documents_pk', ['user_id', 'resource', 'object_id'])
    .execute();
  await schema
    .createTable('metric_rows')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('row_no', 'integer', (c) => c.notNull())
    .addColumn('metric', 'text', (c) => c.notNull())
    .addColumn('aggregation', 'text', (c) => c.notNull())
    .addColumn('context', 'text')
    .addColumn('unit', 'text', (c) => c.notNull())
    .addColumn('first_ms', types.integer64, (c) => c.notNull())
    .addColumn('last_ms', types.integer64, (c) => c.notNull())
    .addColumn('start_text', 'text', (c) => c.notNull())
    .addColumn('end_text', 'text')
    .addColumn('interval_s', types.double)
    .addColumn('value', types.double)
    .addColumn('word', 'text')
    .addColumn('items', 'text')
    .addPrimaryKeyConstraint('metric_rows_pk', ['user_id', 'resource', 'object_id', 'row_no'])
    .execute();
  await schema.createIndex('metric_rows_by_time').on('metric_rows').columns(['user_id', 'first_ms']).execute();
  // Holds the whole order of readRows, and the other one does not: else SQLite takes that one and walks every metric of the person.
  await schema
    .createIndex('metric_rows_by_metric')
    .on('metric_rows')
    .columns(['user_id', 'metric', 'first_ms', 'resource', 'object_id', 'row_no'])
    .execute();
}

export type MetricDocument = Selectable<MetricTables['metric_documents']>;
export type MetricRowRecord = Selectable<MetricTables['metric_rows']>;

/** What identifies a document for the ledger. */
export const documentKey = (of: { user_id: string; resource: string; object_id: string }): string =>
  `${of.user_id}/${of.resource}/${of.object_id}`;

/** The versions the ledger has of these documents, by `documentKey`. */
export async function loadLedger(
  tx: Kysely<MetricTables>,
  documents: readonly Pick<MetricDocument, 'user_id' | 'resource' | 'object_id'>[],
): Promise<Map<string, number>> {
  const groups = Map.groupBy(documents, (document) => `${document.user_id}/${document.resource}`);
  const versions = new Map<string, number>();
  for (const [first, ...rest] of groups.values() as Iterable<[MetricDocument, ...MetricDocument[]]>) {
    const rows = await tx
      .selectFrom('metric_documents')
      .select(['user_id', 'resource', 'object_id', 'version'])
      .where('user_id', '=', first.user_id)
      .where('resource', '=', first.resource)
      .where(
        'object_id',
        'in',
        [first, ...rest].map((document) => document.object_id),
      )
      .execute();
    for (const row of rows) versions.set(documentKey(row), row.version);
  }
  return versions;
}

const rowsPerInsert = 400;

export async function writeDocuments(
  tx: Transaction<MetricTables>,
  documents: readonly MetricDocument[],
  rows: readonly Insertable<MetricTables['metric_rows']>[],
): Promise<void> {
  for (let from = 0; from < documents.length; from += rowsPerInsert) {
    await tx
      .insertInto('metric_documents')
      .values(documents.slice(from, from + rowsPerInsert))
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'resource', 'object_id']).doUpdateSet((eb) => ({
          version: eb.ref('excluded.version'),
          known_at: eb.ref('excluded.known_at'),
          day: eb.ref('excluded.day'),
          algorithm: eb.ref('excluded.algorithm'),
        })),
      )
      .execute();
  }
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    await tx
      .insertInto('metric_rows')
      .values(rows.slice(from, from + rowsPerInsert))
      .execute();
  }
}

export async function deleteRows(
  tx: Transaction<MetricTables>,
  document: Pick<MetricDocument, 'user_id' | 'resource' | 'object_id'>,
): Promise<void> {
  await tx
    .deleteFrom('metric_rows')
    .where('user_id', '=', document.user_id)
    .where('resource', '=', document.resource)
    .where('object_id', '=', document.object_id)
    .execute();
}

export async function eraseMetrics(tx: Transaction<MetricTables>, user: string): Promise<void> {
  await tx.deleteFrom('metric_rows').where('user_id', '=', user).execute();
  await tx.deleteFrom('metric_documents').where('user_id', '=', user).execute();
}

/** Everyone the store has something of, in the order of their ids' code units. */
export async function usersWithMetrics(db: Kysely<MetricTables>): Promise<string[]> {
  const rows = await db.selectFrom('metric_documents').select('user_id').distinct().execute();
  return rows.map((row) => row.user_id).sort();
}

export interface RowFilter {
  user: string;
  /** One metric: the answer comes in order from its index. */
  metric: string | undefined;
  resources: readonly string[] | undefined;
  fromFirstMs: number | undefined;
  beforeFirstMs: number | undefined;
  fromDay: string | undefined;
  toDay: string | undefined;
}

export type PackedRecord = MetricRowRecord & Pick<MetricDocument, 'version' | 'known_at' | 'day' | 'algorithm'>;

/** Up to `limit` rows after the given one, ordered by `first_ms` and identity. */
export async function readRows(
  db: Kysely<MetricTables>,
  filter: RowFilter,
  after: MetricRowRecord | undefined,
  limit: number,
): Promise<PackedRecord[]> {
  let query = db
    .selectFrom('metric_rows')
    .innerJoin('metric_documents', (join) =>
      join
        .onRef('metric_documents.user_id', '=', 'metric_rows.user_id')
        .onRef('metric_documents.resource', '=', 'metric_rows.resource')
        .onRef('metric_documents.object_id', '=', 'metric_rows.object_id'),
    )
    .selectAll('metric_rows')
    .select(['metric_documents.version', 'known_at', 'day', 'algorithm'])
    .where('metric_rows.user_id', '=', filter.user);
  if (filter.metric !== undefined) query = query.where('metric', '=', filter.metric);
  if (filter.resources !== undefined) query = query.where('metric_rows.resource', 'in', filter.resources);
  if (filter.fromFirstMs !== undefined) query = query.where('first_ms', '>=', filter.fromFirstMs);
  if (filter.beforeFirstMs !== undefined) query = query.where('first_ms', '<', filter.beforeFirstMs);
  if (filter.fromDay !== undefined) query = query.where('day', '>=', filter.fromDay);
  if (filter.toDay !== undefined) query = query.where('day', '<=', filter.toDay);
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('first_ms', 'metric_rows.resource', 'metric_rows.object_id', 'row_no'),
        '>',
        tuple(after.first_ms, after.resource, after.object_id, after.row_no),
      ),
    );
  }
  return query
    .orderBy('first_ms')
    .orderBy('metric_rows.resource')
    .orderBy('metric_rows.object_id')
    .orderBy('row_no')
    .limit(limit)
    .execute();
}
