// A workout. `activity` is a word of Oura's own, of which no list is public. `label` is the wearer's text and is left out.
import { z } from 'zod';
import { number, ouraDay, word } from './parts.ts';

export const workout = z.object({
  day: ouraDay.nullish(),
  start_datetime: z.string(),
  end_datetime: word,
  activity: word,
  intensity: word,
  source: word,
  calories: number,
  distance: number,
});
