// The settings of ingest, as environment variables: what concerns Oura's cloud (oauth/oura-settings.ts), the webhook and the polls.
import type { z } from 'zod';
import { setting } from '../runtime/settings.ts';
import { ouraSettings } from './oauth/oura-settings.ts';

export const ingestSettings = ouraSettings.extend({
  OURA_WEBHOOK_SECRET: setting
    .list()
    .default([])
    .describe('Further secrets that may sign webhooks beside the client secret; a comma-separated list rotates them.'),
  WEBHOOK_WINDOW_S: setting
    .wholeNumber()
    .min(0)
    .default(7200)
    .describe(
      'How far the timestamp of a webhook may be from now, in seconds; 0 takes any age. Oura retries for an hour.',
    ),
  WEBHOOK_MAX_IN_FLIGHT: setting
    .wholeNumber()
    .min(1)
    .default(1000)
    .describe('Webhooks taken in at the same time; more are answered 503 and come again.'),
  FETCH_CONCURRENCY: setting
    .wholeNumber()
    .min(1)
    .max(64)
    .default(4)
    .describe('People for whom Oura is asked at the same time, each one request after another.'),
  POLL_MINUTES: setting
    .wholeNumber()
    .min(15)
    .default(60)
    .describe('How often the documents of each person are asked for, beside the webhooks.'),
  POLL_ROWS_MINUTES: setting
    .wholeNumber()
    .min(15)
    .default(15)
    .describe('How often heart rate and ring battery are asked for; they have no webhook.'),
  TRAILING_DAYS: setting
    .wholeNumber()
    .min(1)
    .max(30)
    .default(7)
    .describe('How many days are read again once a day, because scores settle and rings sync late.'),
  HISTORY_DAYS: setting
    .wholeNumber()
    .min(0)
    .default(3650)
    .describe('How far back the history is loaded when somebody connects.'),
});

export type IngestSettings = z.output<typeof ingestSettings>;
