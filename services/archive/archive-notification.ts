// From a record of oura.notifications.v1 to its row in the archive. Pure. The bytes and headers are kept as they are.
import { decodeNotification } from '../../schemas/notification.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import type { ArchivedNotificationRow } from '../storage/archive.ts';

/** @throws MalformedMessage */
export function notificationRow(record: LogRecord): ArchivedNotificationRow {
  const { id, userId, receivedAt, body, bytes } = decodeNotification(record);
  return {
    event_id: id,
    user_id: userId,
    received_at: receivedAt,
    received_at_ms: Date.parse(receivedAt),
    data_type: body.data_type,
    event_type: body.event_type,
    object_id: body.object_id ?? null,
    event_time: body.event_time ?? null,
    payload: bytes,
    headers: JSON.stringify(record.headers),
    log_partition: record.partition,
    log_offset: record.offset,
    appended_at_ms: record.appendedAtMs,
  };
}
