// One UTC hour of a person's ring battery levels in percent: the rows of a list, which have no ids of their own.
import { z } from 'zod';
import { flag, number } from './parts.ts';

const row = z.object({
  timestamp: z.string(),
  /** The same instant in milliseconds; older rows lack it. */
  timestamp_unix: z.number().nullish(),
  level: number,
  charging: flag,
  in_charger: flag,
});

export const ringBatteryLevel = z.array(row);
