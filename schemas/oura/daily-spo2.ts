// The mean oxygen saturation of a night in percent; an average of 0 means none.
import { z } from 'zod';
import { number, ouraDay } from './parts.ts';

export const dailySpo2 = z.object({
  day: ouraDay,
  spo2_percentage: z.object({ average: number }).nullish(),
  breathing_disturbance_index: number,
});
