// One line of the feed: what came, which version, by webhook or poll, how far it got and how long that took. A webhook and the document it
// announced are one line that goes on: announced → stored → measured.
import { z } from 'zod';
import { day, instant } from '../../../schemas/wire.ts';

export const feedStages = ['announced', 'stored', 'measured'] as const;

export const feedEntry = z.object({
  id: z.string().min(1),
  kind: z.enum(['document', 'alert']),
  at: instant.describe('when we first heard of it'),
  stage: z.enum(feedStages).nullable().describe('null for an alert'),
  resource: z.string().nullable(),
  object_id: z.string().nullable(),
  document: z.string().nullable().describe('ce_id of the document version, once stored'),
  event_type: z.string().nullable().describe('create, update or delete, as the webhook said'),
  version: z.number().int().nullable(),
  deleted: z.boolean(),
  day: day.nullable(),
  via: z.string().nullable().describe('webhook, poll, backfill or import'),
  latency_ms: z.number().nullable().describe('from the webhook, or from the request for it, to the newest stage'),
  title: z.string().nullable(),
  level: z.string().nullable(),
  state: z.string().nullable(),
});
export type FeedEntry = z.infer<typeof feedEntry>;
