// What a notification asks of us: a fetch, a deletion, or nothing that can be done, with the reason. Pure.
import type { NotificationBody } from '../../../schemas/notification.ts';
import { resourceOfDataType } from '../../../schemas/oura/resources.ts';

/** Why a job rests. Words of a closed set: they are metric labels and stand in lists for people. */
export type RestReason =
  /** Nobody here has connected that Oura id; it runs when they do. */
  | 'waiting_for_connection'
  /** The API has no route for this data type (`meal`). */
  | 'no_route'
  /** The notification names no object. */
  | 'no_object_id';

export type NotificationDecision =
  | { state: 'open'; reason: null }
  | { state: 'parked' | 'given_up'; reason: RestReason };

export function decideNotification(
  body: Pick<NotificationBody, 'data_type' | 'object_id'>,
  isPersonKnown: boolean,
): NotificationDecision {
  if (!resourceOfDataType(body.data_type)) return { state: 'given_up', reason: 'no_route' };
  if (body.object_id === undefined) return { state: 'given_up', reason: 'no_object_id' };
  if (!isPersonKnown) return { state: 'parked', reason: 'waiting_for_connection' };
  return { state: 'open', reason: null };
}

/** When the event happened: Oura's own time, or the arrival where it gives none that can be read. */
export function eventTimeMs(eventTime: string | undefined, receivedAtMs: number): number {
  const parsed = Date.parse(eventTime ?? '');
  return Number.isNaN(parsed) ? receivedAtMs : parsed;
}
