// The archive's tables and how they are written: every notification once by its id, every version of every document, deletions as
// rows, bytes as they came. Writing the same again changes nothing. Written by the archive service alone; read through
// archived-events.ts and archived-documents.ts.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface ArchiveTables {
  archived_notifications: {
    /** `ce_id`: the hash of the body. */
    event_id: string;
    user_id: string;
    /** ISO 8601 UTC. */
    received_at: string;
    received_at_ms: number;
    data_type: string;
    event_type: string;
    object_id: string | null;
    /** As Oura wrote it. */
    event_time: string | null;
    payload: Uint8Array;
    /** JSON. */
    headers: string;
    log_partition: number;
    log_offset: number;
    appended_at_ms: number;
  };
  archived_documents: {
    user_id: string;
    resource: string;
    object_id: string;
    /** 1 for the first version, then one more for each. The highest is the current one. */
    version_no: number;
    event_id: string;
    /** When the request that brought it began: ISO 8601 UTC, and the same in milliseconds. */
    known_at: string;
    known_at_ms: number;
    via: string;
    /** 1 when this version says that the document is gone. */
    deleted: number;
    payload: Uint8Array;
    log_partition: number;
    log_offset: number;
    appended_at_ms: number;
  };
}

export type ArchivedNotificationRow = ArchiveTables['archived_notifications'];
export type ArchivedDocumentRow = ArchiveTables['archived_documents'];

export async function createArchiveTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('archived_notifications')
    .addColumn('event_id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('received_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('data_type', 'text', (c) => c.notNull())
    .addColumn('event_type', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text')
    .addColumn('event_time', 'text')
    .addColumn('payload', types.bytes, (c) => c.notNull())
    .addColumn('headers', 'text', (c) => c.notNull())
    .addColumn('log_partition', 'integer', (c) => c.notNull())
    .addColumn('log_offset', types.integer64, (c) => c.notNull())
    .addColumn('appended_at_ms', types.integer64, (c) => c.notNull())
    .execute();
  // The order of `GET /events`; filters walk it.
  await schema
    .createIndex('archived_notifications_by_time')
    .on('archived_notifications')
    .columns(['received_at_ms', 'event_id'])
    .execute();
  await schema
    .createTable('archived_documents')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('version_no', 'integer', (c) => c.notNull())
    .addColumn('event_id', 'text', (c) => c.notNull())
    .addColumn('known_at', 'text', (c) => c.notNull())
    .addColumn('known_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('via', 'text', (c) => c.notNull())
    .addColumn('deleted', 'integer', (c) => c.notNull())
    .addColumn('payload', types.bytes, (c) => c.notNull())
    .addColumn('log_partition', 'integer', (c) => c.notNull())
    .addColumn('log_offset', types.integer64, (c) => c.notNull())
    .addColumn('appended_at_ms', types.integer64, (c) => c.notNull())
    .addPrimaryKeyConstraint('archived_documents_pk', ['user_id', 'resource', 'object_id', 'version_no'])
    .execute();
}

/** Both engines bound the parameters of one statement (SQLite 32,766, PostgreSQL 65,535); a row has 13. */
const rowsPerStatement = 2000;

/** Returns how many were new. An id that stands twice among them is written once. */
export async function archiveNotifications(
  tx: Transaction<ArchiveTables>,
  rows: readonly ArchivedNotificationRow[],
): Promise<number> {
  const unique = firstOfEach(rows, (row) => row.event_id);
  let inserted = 0;
  for (let start = 0; start < unique.length; start += rowsPerStatement) {
    const result = await tx
      .insertInto('archived_notifications')
      .values(unique.slice(start, start + rowsPerStatement))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    inserted += Number(result.numInsertedOrUpdatedRows ?? 0);
  }
  return inserted;
}

/** Returns how many were new. A version that is there already stays as it is, also when it stands twice among them. */
export async function archiveDocuments(
  tx: Transaction<ArchiveTables>,
  rows: readonly ArchivedDocumentRow[],
): Promise<number> {
  const unique = firstOfEach(rows, versionKey);
  let inserted = 0;
  for (let start = 0; start < unique.length; start += rowsPerStatement) {
    const result = await tx
      .insertInto('archived_documents')
      .values(unique.slice(start, start + rowsPerStatement))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    inserted += Number(result.numInsertedOrUpdatedRows ?? 0);
  }
  return inserted;
}

const versionKey = (row: ArchivedDocumentRow): string =>
  `${row.user_id}\n${row.resource}\n${row.object_id}\n${row.version_no}`;

/** PostgreSQL refuses a statement that names one row twice. */
function firstOfEach<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    if (!seen.has(key)) seen.set(key, row);
  }
  return [...seen.values()];
}

/** Removes everything of a person. */
export async function eraseFromArchive(tx: Transaction<ArchiveTables>, userId: string): Promise<void> {
  await tx.deleteFrom('archived_notifications').where('user_id', '=', userId).execute();
  await tx.deleteFrom('archived_documents').where('user_id', '=', userId).execute();
}

export interface ArchiveCount {
  userId: string;
  /** `notification`, or the resource of the documents. */
  kind: string;
  /** Notifications, or versions of documents. */
  rows: number;
}

/** How much the archive holds, by person and kind. */
export async function countArchived(db: Kysely<ArchiveTables>): Promise<ArchiveCount[]> {
  const notifications = await db
    .selectFrom('archived_notifications')
    .select(({ fn }) => ['user_id', fn.countAll<number>().as('rows')])
    .groupBy('user_id')
    .orderBy('user_id')
    .execute();
  const documents = await db
    .selectFrom('archived_documents')
    .select(({ fn }) => ['user_id', 'resource', fn.countAll<number>().as('rows')])
    .groupBy(['user_id', 'resource'])
    .orderBy('user_id')
    .orderBy('resource')
    .execute();
  return [
    ...notifications.map((row) => ({ userId: row.user_id, kind: 'notification', rows: Number(row.rows) })),
    ...documents.map((row) => ({ userId: row.user_id, kind: row.resource, rows: Number(row.rows) })),
  ];
}
