// When Oura would have the wearer go to bed: a window in seconds from midnight of the day (negative before it) at the offset `day_tz`.
import { z } from 'zod';
import { ouraDay, word } from './parts.ts';

export const sleepTime = z.object({
  day: ouraDay,
  optimal_bedtime: z.object({ day_tz: z.number(), start_offset: z.number(), end_offset: z.number() }).nullish(),
  recommendation: word,
  status: word,
});
