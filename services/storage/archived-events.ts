// Reads notifications out of the archive, newest first, for `GET /events`. The order is when they arrived, then their id, so a page
// that begins after a known event neither repeats nor misses one.
import type { Kysely } from 'kysely';
import type { ArchivedNotificationRow, ArchiveTables } from './archive.ts';

export interface EventsQuery {
  limit: number;
  /** Only events older than this one, by its id; an unknown id gives no events. */
  before?: string;
  userId?: string;
  dataType?: string;
}

/** `payload` is the JSON of the webhook's body. Names as they always were. */
export interface ArchivedEvent {
  id: string;
  received_at: string;
  data_type: string;
  event_type: string;
  user_id: string;
  payload: unknown;
  object_id: string | null;
  event_time: string | null;
}

export async function listEvents(
  db: Kysely<ArchiveTables>,
  { limit, before, userId, dataType }: EventsQuery,
): Promise<ArchivedEvent[]> {
  const rows = await db
    .selectFrom('archived_notifications')
    .selectAll()
    .$if(before !== undefined, (query) =>
      query.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('received_at_ms', 'event_id'),
          '<',
          selectFrom('archived_notifications as other')
            .select(['other.received_at_ms', 'other.event_id'])
            .where('other.event_id', '=', before ?? '')
            .$asTuple('received_at_ms', 'event_id'),
        ),
      ),
    )
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(dataType !== undefined, (query) => query.where('data_type', '=', dataType ?? ''))
    .orderBy('received_at_ms', 'desc')
    .orderBy('event_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(asEvent);
}

/** The exact bytes and headers of one notification. */
export const findNotification = (
  db: Kysely<ArchiveTables>,
  eventId: string,
): Promise<ArchivedNotificationRow | undefined> =>
  db.selectFrom('archived_notifications').selectAll().where('event_id', '=', eventId).executeTakeFirst();

const decoder = new TextDecoder();

/** The archive holds only notifications whose body was read as JSON when they arrived. */
const asEvent = (row: ArchivedNotificationRow): ArchivedEvent => ({
  id: row.event_id,
  received_at: row.received_at,
  data_type: row.data_type,
  event_type: row.event_type,
  user_id: row.user_id,
  payload: JSON.parse(decoder.decode(row.payload)),
  object_id: row.object_id,
  event_time: row.event_time,
});
