// The long-term resilience level of a day, one of five words in order, with contributors from 0 to 100.
import { z } from 'zod';
import { number, ouraDay, word } from './parts.ts';

export const dailyResilience = z.object({
  day: ouraDay,
  level: word,
  contributors: z.object({ sleep_recovery: number, daytime_recovery: number, stress: number }).nullish(),
});
