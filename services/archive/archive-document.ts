// From a record of oura.documents.v1 to its row in the archive. Pure. The bytes are Oura's own and are never parsed here; the headers are all
// in the columns.
import { decodeDocument } from '../../schemas/document.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import type { ArchivedDocumentRow } from '../storage/archive.ts';

/** @throws MalformedMessage */
export function documentRow(record: LogRecord): ArchivedDocumentRow {
  const document = decodeDocument(record);
  return {
    user_id: document.userId,
    resource: document.resource,
    object_id: document.objectId,
    version_no: document.sequence,
    event_id: document.id,
    known_at: document.time,
    known_at_ms: Date.parse(document.time),
    via: document.via,
    deleted: document.deleted ? 1 : 0,
    payload: document.bytes,
    log_partition: record.partition,
    log_offset: record.offset,
    appended_at_ms: record.appendedAtMs,
  };
}
