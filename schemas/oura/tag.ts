// A note of the old kind, which enhanced tags replaced. `text` is the wearer's and is left out.
import { z } from 'zod';
import { ouraDay, word } from './parts.ts';

export const tag = z.object({
  day: ouraDay,
  timestamp: word,
  tags: z.array(z.string()).nullish(),
});
