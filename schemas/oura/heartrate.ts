// One UTC hour of a person's heart rates: the rows of a list, which have no ids of their own. They come in bursts 1-5 s apart when awake and
// about every five minutes at rest; several may carry the same second.
import { z } from 'zod';
import { word } from './parts.ts';

const row = z.object({
  timestamp: z.string(),
  /** The same instant in milliseconds; older rows lack it. */
  timestamp_unix: z.number().nullish(),
  bpm: z.number().nullish(),
  source: word,
});

export const heartrate = z.array(row);
