// Reads our own notifications back from the log and writes fetch jobs, nothing more: what waits for Oura never holds a partition. The jobs and
// the offset stand in one transaction. A notification that was handled before, redelivered or replayed, writes nothing.
import { decodeNotification, type NotificationMessage, notificationsTopic } from '../../../schemas/notification.ts';
import { MalformedMessage } from '../../../schemas/wire.ts';
import { type ConsumerDefinition, deadLetter, done, type Outcome, skip } from '../../runtime/consumer/consumer.ts';
import type { LogRecord } from '../../runtime/log/message-log.ts';
import { type NewFetchJob, putJobs } from '../../storage/fetch-jobs.ts';
import { findHandled, markHandled } from '../../storage/handled-notifications.ts';
import { findPersonByOuraId } from '../../storage/people.ts';
import type { StateDatabase, StateTables } from '../../storage/tables.ts';
import { decideNotification, eventTimeMs } from './decide-notification.ts';

export const notificationConsumerName = 'ingest-fetch';

export function createNotificationConsumer(parts: {
  state: StateDatabase;
  /** New jobs may be due. */
  onJobs(): void;
}): ConsumerDefinition<StateTables> {
  const { state, onJobs } = parts;
  return {
    name: notificationConsumerName,
    topics: [notificationsTopic],
    async handle(records, nowMs) {
      const read = records.map(decode);
      const messages = read.flatMap((item) => (item.kind === 'message' ? [item.message] : []));
      const handled = await findHandled(
        state.read,
        messages.map((message) => message.id),
      );
      const people = await findPeople(messages);
      const jobs: NewFetchJob[] = [];
      const outcomes = read.map((item): Outcome => {
        if (item.kind === 'malformed') return deadLetter('malformed_notification', item.error);
        if (handled.has(item.message.id)) return skip('handled_before');
        handled.add(item.message.id);
        const job = jobOf(item.message, people.get(item.message.body.user_id));
        jobs.push(job);
        return job.state === 'given_up' ? skip(job.reason ?? 'given_up') : done;
      });
      return {
        outcomes,
        async write(tx) {
          await markHandled(
            tx,
            jobs.map((job) => job.notificationId),
            nowMs,
          );
          await putJobs(tx, jobs, nowMs);
        },
        committed: onJobs,
      };
    },
  };

  /** Our ids by Oura's, as they are now: the person may have connected after the notification came. */
  async function findPeople(messages: readonly NotificationMessage[]): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for (const ouraUserId of new Set(messages.map((message) => message.body.user_id))) {
      const person = await findPersonByOuraId(state.read, ouraUserId);
      if (person) ids.set(ouraUserId, person.userId);
    }
    return ids;
  }
}

type Decoded = { kind: 'message'; message: NotificationMessage } | { kind: 'malformed'; error: string };

function decode(record: LogRecord): Decoded {
  try {
    return { kind: 'message', message: decodeNotification(record) };
  } catch (error) {
    if (error instanceof MalformedMessage) return { kind: 'malformed', error: error.message };
    throw error;
  }
}

function jobOf({ id, userId, receivedAt, body }: NotificationMessage, personId: string | undefined): NewFetchJob {
  const notifiedAtMs = Date.parse(receivedAt);
  return {
    userId: personId ?? userId,
    dataType: body.data_type,
    objectId: body.object_id ?? '',
    ouraUserId: body.user_id,
    eventType: body.event_type,
    eventAtMs: eventTimeMs(body.event_time, notifiedAtMs),
    notifiedAtMs,
    notificationId: id,
    ...decideNotification(body, personId !== undefined),
  };
}
