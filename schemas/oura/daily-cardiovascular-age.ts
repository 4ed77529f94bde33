// The predicted vascular age in years and a pulse wave velocity that Oura derives from it; neither is measured.
import { z } from 'zod';
import { number, ouraDay } from './parts.ts';

export const dailyCardiovascularAge = z.object({
  day: ouraDay,
  vascular_age: number,
  pulse_wave_velocity: number,
});
