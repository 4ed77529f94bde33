// A moment in the app: a meditation, breathing exercise, nap or rest, with series whose interval stands in them.
import { z } from 'zod';
import { ouraDay, sample, word } from './parts.ts';

export const session = z.object({
  day: ouraDay.nullish(),
  start_datetime: z.string(),
  end_datetime: word,
  type: word,
  mood: word,
  heart_rate: sample,
  heart_rate_variability: sample,
  motion_count: sample,
});
