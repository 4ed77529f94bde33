// What the wearer told Oura: weight in kg, height in metres, no date of either. `email` is left out and never leaves the archive.
import { z } from 'zod';
import { number, word } from './parts.ts';

export const personalInfo = z.object({
  age: number,
  weight: number,
  height: number,
  biological_sex: word,
});
