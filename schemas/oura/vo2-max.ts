// An estimate of the VO2 max. Whether `timestamp` is a real instant is not documented; it is taken as one.
import { z } from 'zod';
import { number, ouraDay, word } from './parts.ts';

export const vo2Max = z.object({
  day: ouraDay,
  timestamp: word,
  vo2_max: number,
});
