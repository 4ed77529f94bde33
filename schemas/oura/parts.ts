// Shapes that several Oura documents share. Numbers, words and samples may be null or absent anywhere: the specification says so for
// most fields, and real answers do it for the others too. A value of another type is a broken document.
import { z } from 'zod';

export const number = z.number().nullish();
export const word = z.string().nullish();
export const flag = z.boolean().nullish();

/** Oura's own day, `YYYY-MM-DD`; never computed from a timestamp. */
export const ouraDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'expected a day as YYYY-MM-DD');

/** A series with a fixed interval in seconds. The items are only looked at when they are read: a day of METs has 1,440 of them. */
export const sample = z
  .object({
    timestamp: z.string(),
    interval: z.number().positive(),
    items: z.custom<readonly unknown[]>(Array.isArray, 'expected a list'),
  })
  .nullish();
export type Sample = NonNullable<z.infer<typeof sample>>;
