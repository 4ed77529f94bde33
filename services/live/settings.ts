// The settings of live. Where ingest and alert run in processes of their own, their commands are forwarded there; in one process the
// addresses stay unset.
import { z } from 'zod';
import { setting } from '../runtime/settings.ts';

export const liveSettings = z.object({
  INGEST_URL: setting
    .url()
    .optional()
    .describe('Where the ingest service takes commands (connect, rename, disconnect), when it is another process.'),
  ALERT_URL: setting
    .url()
    .optional()
    .describe('Where the alert service takes commands (acknowledge, snooze), when it is another process.'),
  LIVE_MAX_PAGES: setting
    .wholeNumber()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Open pages at one time; one more is told to come back later.'),
});
export type LiveSettings = z.output<typeof liveSettings>;
