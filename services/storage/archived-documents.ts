// Reads documents out of the archive: what is current, what was known at a time, and every version of one object. A version that says
// "deleted" is given like any other, with `deleted`; the caller decides what to do with it.
import type { Kysely } from 'kysely';
import type { ArchivedDocumentRow, ArchiveTables } from './archive.ts';

export interface ArchivedDocument {
  userId: string;
  resource: string;
  objectId: string;
  /** 1 for the first version. */
  sequence: number;
  /** `ce_id` of the version. */
  id: string;
  /** When the request that brought it began, ISO 8601 UTC. */
  time: string;
  via: string;
  deleted: boolean;
  bytes: Uint8Array;
  appendedAtMs: number;
}

export interface DocumentsQuery {
  userId?: string;
  resource?: string;
  /** Only what was known then: versions whose request began up to this time, milliseconds. Absent: the newest. */
  asOfMs?: number;
}

export interface ObjectName {
  userId: string;
  resource: string;
  objectId: string;
}

const rowsPerPage = 500;

/** The current version of each object (or the one current at `asOfMs`), ordered by person, resource and object; read in pages. */
export async function* currentDocuments(
  db: Kysely<ArchiveTables>,
  query: DocumentsQuery = {},
): AsyncGenerator<ArchivedDocument> {
  let after: ObjectName | undefined;
  for (;;) {
    const rows = await currentPage(db, query, after);
    for (const row of rows) yield asDocument(row);
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerPage) return;
    after = { userId: last.user_id, resource: last.resource, objectId: last.object_id };
  }
}

function currentPage(
  db: Kysely<ArchiveTables>,
  { userId, resource, asOfMs }: DocumentsQuery,
  after: ObjectName | undefined,
): Promise<ArchivedDocumentRow[]> {
  return db
    .selectFrom('archived_documents as d')
    .selectAll('d')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('archived_documents as newer')
            .select('newer.version_no')
            .whereRef('newer.user_id', '=', 'd.user_id')
            .whereRef('newer.resource', '=', 'd.resource')
            .whereRef('newer.object_id', '=', 'd.object_id')
            .whereRef('newer.version_no', '>', 'd.version_no')
            .$if(asOfMs !== undefined, (older) => older.where('newer.known_at_ms', '<=', asOfMs ?? 0)),
        ),
      ),
    )
    .$if(asOfMs !== undefined, (rows) => rows.where('d.known_at_ms', '<=', asOfMs ?? 0))
    .$if(userId !== undefined, (rows) => rows.where('d.user_id', '=', userId ?? ''))
    .$if(resource !== undefined, (rows) => rows.where('d.resource', '=', resource ?? ''))
    .$if(after !== undefined, (rows) =>
      rows.where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('d.user_id', 'd.resource', 'd.object_id'),
          '>',
          tuple(after?.userId ?? '', after?.resource ?? '', after?.objectId ?? ''),
        ),
      ),
    )
    .orderBy('d.user_id')
    .orderBy('d.resource')
    .orderBy('d.object_id')
    .limit(rowsPerPage)
    .execute();
}

/** Every version of one object, the first one first. */
export async function documentVersions(db: Kysely<ArchiveTables>, name: ObjectName): Promise<ArchivedDocument[]> {
  const rows = await db
    .selectFrom('archived_documents')
    .selectAll()
    .where('user_id', '=', name.userId)
    .where('resource', '=', name.resource)
    .where('object_id', '=', name.objectId)
    .orderBy('version_no')
    .execute();
  return rows.map(asDocument);
}

/** The current version of one object; undefined when the archive never saw it. */
export async function findDocument(db: Kysely<ArchiveTables>, name: ObjectName): Promise<ArchivedDocument | undefined> {
  const row = await db
    .selectFrom('archived_documents')
    .selectAll()
    .where('user_id', '=', name.userId)
    .where('resource', '=', name.resource)
    .where('object_id', '=', name.objectId)
    .orderBy('version_no', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && asDocument(row);
}

const asDocument = (row: ArchivedDocumentRow): ArchivedDocument => ({
  userId: row.user_id,
  resource: row.resource,
  objectId: row.object_id,
  sequence: row.version_no,
  id: row.event_id,
  time: row.known_at,
  via: row.via,
  deleted: row.deleted === 1,
  bytes: row.payload,
  appendedAtMs: row.appended_at_ms,
});
