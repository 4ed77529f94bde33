// `GET /events`: the notifications of the archive, newest first, as a JSON list. The address and the field names are older than this API and
// stay; `/api/events` is the same.
import { z } from 'zod';
import type { ArchivedEvent, EventsQuery } from '../../storage/archived-events.ts';
import type { Person } from '../../storage/people.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';

export interface EventsParts {
  findPerson(idOrName: string): Promise<Person | undefined>;
  listEvents(query: EventsQuery): Promise<ArchivedEvent[]>;
}

const query = z.object({
  limit: z.coerce.number('expected a whole number from 1 to 1000').int().min(1).max(1000).default(50),
  data_type: z.string().min(1).optional().describe('as Oura names it, such as daily_sleep'),
  before: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected the id of an event, as the list shows it')
    .optional()
    .describe('id of an event: only older ones'),
  user: z.string().min(1).optional().describe('id or name of a person'),
});

const answer = z.array(
  z.object({
    id: z.string().describe('hash of the notification: Oura’s retry has the same'),
    received_at: z.string(),
    data_type: z.string(),
    event_type: z.string(),
    user_id: z.string(),
    payload: z.unknown().describe('the JSON that Oura sent'),
    object_id: z.string().nullable(),
    event_time: z.string().nullable(),
  }),
);

export function eventsRoutes({ findPerson, listEvents }: EventsParts): ApiRoute[] {
  const route = (path: string) =>
    apiRoute({
      path,
      summary: 'Webhook notifications as they were received, newest first',
      parameters: z.object({}),
      query,
      answer,
      async handle(_, { limit, before, user, data_type: dataType }) {
        // A user nobody knows by name may be an id that only the archive has.
        const userId = user === undefined ? undefined : ((await findPerson(user))?.userId ?? user);
        return listEvents({
          limit,
          ...(before !== undefined && { before }),
          ...(userId !== undefined && { userId }),
          ...(dataType !== undefined && { dataType }),
        });
      },
    });
  return [route('/events'), route('/api/events')];
}
