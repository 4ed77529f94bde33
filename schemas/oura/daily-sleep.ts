// The sleep score of a day. Its contributors are scores too, not the quantities they are named after. `timestamp` is left out: it is the day at
// UTC midnight wherever the wearer is, a placeholder.
import { z } from 'zod';
import { number, ouraDay } from './parts.ts';

export const dailySleep = z.object({
  day: ouraDay,
  score: number,
  contributors: z
    .object({
      deep_sleep: number,
      efficiency: number,
      latency: number,
      rem_sleep: number,
      restfulness: number,
      timing: number,
      total_sleep: number,
    })
    .nullish(),
});
