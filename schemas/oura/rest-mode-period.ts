// A time of illness or rest that the wearer declared; without an end while it lasts.
import { z } from 'zod';
import { ouraDay, word } from './parts.ts';

export const restModePeriod = z.object({
  start_day: ouraDay,
  end_day: ouraDay.nullish(),
  start_time: word,
  end_time: word,
  episodes: z.array(z.object({ timestamp: z.string(), tags: z.array(z.string()).nullish() })).nullish(),
});
