// The current version of every document, one row per object: its number and the hash of its content, against which the next answer of
// Oura is compared. Kept in `state`, because the numbers must go on where they stopped. Written by ingest alone; leaves out the bytes.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface DocumentHeadTables {
  document_heads: {
    user_id: string;
    resource: string;
    object_id: string;
    sequence_no: number;
    content_hash: string;
    began_at_ms: number;
    /** 0 or 1. */
    deleted: number;
    /** Rows of an hour; null for a document. */
    row_count: number | null;
    /** Hash of an hour with fewer rows that was read once and is not believed yet. */
    doubted_hash: string | null;
    /** Oura's day of the document; null where it has none. */
    day: string | null;
  };
}

export interface DocumentHead {
  objectId: string;
  sequence: number;
  contentHash: string;
  beganAtMs: number;
  deleted: boolean;
  rowCount: number | null;
  doubtedHash: string | null;
  day: string | null;
}

/** Whose objects, and of which resource. */
export interface HeadScope {
  userId: string;
  resource: string;
}

export async function createDocumentHeadTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('document_heads')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('sequence_no', 'integer', (c) => c.notNull())
    .addColumn('content_hash', 'text', (c) => c.notNull())
    .addColumn('began_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('deleted', 'integer', (c) => c.notNull())
    .addColumn('row_count', 'integer')
    .addColumn('doubted_hash', 'text')
    .addColumn('day', 'text')
    .addPrimaryKeyConstraint('document_heads_pk', ['user_id', 'resource', 'object_id'])
    .execute();
  await schema
    .createIndex('document_heads_by_day')
    .on('document_heads')
    .columns(['user_id', 'resource', 'day'])
    .where('day', 'is not', null)
    .execute();
}

// Both engines bound the number of values in one statement (SQLite 32,766, PostgreSQL 65,535).
const chunkSize = 1000;
const chunks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, i) => all.slice(i * chunkSize, (i + 1) * chunkSize));

/** The heads of those of the objects that have one. */
export async function loadHeads(
  tx: Transaction<DocumentHeadTables>,
  { userId, resource }: HeadScope,
  objectIds: readonly string[],
): Promise<Map<string, DocumentHead>> {
  const heads = new Map<string, DocumentHead>();
  for (const ids of chunks(objectIds)) {
    const rows = await tx
      .selectFrom('document_heads')
      .selectAll()
      .where('user_id', '=', userId)
      .where('resource', '=', resource)
      .where('object_id', 'in', ids)
      .execute();
    for (const row of rows) heads.set(row.object_id, headOf(row));
  }
  return heads;
}

const headOf = (row: DocumentHeadTables['document_heads']): DocumentHead => ({
  objectId: row.object_id,
  sequence: row.sequence_no,
  contentHash: row.content_hash,
  beganAtMs: row.began_at_ms,
  deleted: row.deleted === 1,
  rowCount: row.row_count,
  doubtedHash: row.doubted_hash,
  day: row.day,
});

/**
 * Makes the heads the current versions. Each must follow the stored one by exactly one; the number of those that did is returned, and when it
 * is less than asked somebody else was faster: then the whole transaction must be rolled back and decided anew.
 */
export async function advanceHeads(
  tx: Transaction<DocumentHeadTables>,
  { userId, resource }: HeadScope,
  heads: readonly Omit<DocumentHead, 'doubtedHash'>[],
): Promise<number> {
  let advanced = 0;
  for (const part of chunks(heads)) {
    const rows = await tx
      .insertInto('document_heads')
      .values(
        part.map((head) => ({
          user_id: userId,
          resource,
          object_id: head.objectId,
          sequence_no: head.sequence,
          content_hash: head.contentHash,
          began_at_ms: head.beganAtMs,
          deleted: head.deleted ? 1 : 0,
          row_count: head.rowCount,
          doubted_hash: null,
          day: head.day,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'resource', 'object_id'])
          .doUpdateSet((row) => ({
            sequence_no: row.ref('excluded.sequence_no'),
            content_hash: row.ref('excluded.content_hash'),
            began_at_ms: row.ref('excluded.began_at_ms'),
            deleted: row.ref('excluded.deleted'),
            row_count: row.ref('excluded.row_count'),
            doubted_hash: null,
            day: row.ref('excluded.day'),
          }))
          .whereRef('document_heads.sequence_no', '=', (row) => row('excluded.sequence_no', '-', 1)),
      )
      .returning('object_id')
      .execute();
    advanced += rows.length;
  }
  return advanced;
}

/** Remembers, or with null forgets, an hour that came with fewer rows than its current version has. */
export async function setDoubtedHash(
  tx: Transaction<DocumentHeadTables>,
  { userId, resource }: HeadScope,
  objectId: string,
  doubtedHash: string | null,
): Promise<void> {
  await tx
    .updateTable('document_heads')
    .set({ doubted_hash: doubtedHash })
    .where('user_id', '=', userId)
    .where('resource', '=', resource)
    .where('object_id', '=', objectId)
    .execute();
}

/** Of the objects, those that have a version and are not deleted. */
export async function livingObjects(
  db: Kysely<DocumentHeadTables>,
  { userId, resource }: HeadScope,
  objectIds: readonly string[],
): Promise<string[]> {
  const living: string[] = [];
  for (const ids of chunks(objectIds)) {
    const rows = await db
      .selectFrom('document_heads')
      .select('object_id')
      .where('user_id', '=', userId)
      .where('resource', '=', resource)
      .where('object_id', 'in', ids)
      .where('deleted', '=', 0)
      .execute();
    living.push(...rows.map((row) => row.object_id));
  }
  return living;
}

/** Which objects, not deleted, the person has on these days. */
export async function objectsOfDays(
  db: Kysely<DocumentHeadTables>,
  { userId, resource }: HeadScope,
  days: readonly string[],
): Promise<{ objectId: string; day: string }[]> {
  const found: { objectId: string; day: string }[] = [];
  for (const part of chunks(days)) {
    const rows = await db
      .selectFrom('document_heads')
      .select(['object_id', 'day'])
      .where('user_id', '=', userId)
      .where('resource', '=', resource)
      .where('day', 'in', part)
      .where('deleted', '=', 0)
      .execute();
    for (const { object_id: objectId, day } of rows) if (day !== null) found.push({ objectId, day });
  }
  return found;
}
