// Seconds of a day in high stress and in high recovery, in quarters of an hour, and Oura's word for the day.
import { z } from 'zod';
import { number, ouraDay, word } from './parts.ts';

export const dailyStress = z.object({
  day: ouraDay,
  stress_high: number,
  recovery_high: number,
  day_summary: word,
});
