// What crosses the WebSocket, server to page. A snapshot is everything with its position in the log; a delta is what changed since, with the
// position after it. The page gives the last position back when it connects again. The cursor means nothing to the page.
import { z } from 'zod';
import { instant } from '../../../schemas/wire.ts';
import { feedEntry } from '../feed/feed-entry.ts';
import { today, todayParts } from '../today/model.ts';

/** What the page has to know beside the data: who else is here, what to say at the top, whether a ring can be connected. */
export const pageFacts = z.object({
  people: z.array(z.object({ user: z.string(), name: z.string() })),
  notices: z.array(
    z.object({
      text: z.string(),
      variables: z.array(z.string()).describe('names of settings the text speaks of'),
    }),
  ),
  can_connect: z.boolean().describe('true: POST /api/v1/connect begins a connection'),
});
export type PageFacts = z.infer<typeof pageFacts>;

export const pageMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    cursor: z.string(),
    now: instant,
    facts: pageFacts,
    today: today.nullable().describe('null: nobody is known yet'),
    feed: z.array(feedEntry),
  }),
  z.object({ type: z.literal('delta'), cursor: z.string(), now: instant, parts: todayParts, feed: z.array(feedEntry) }),
  z.object({ type: z.literal('alive'), cursor: z.string(), now: instant }),
]);
export type PageMessage = z.infer<typeof pageMessage>;
