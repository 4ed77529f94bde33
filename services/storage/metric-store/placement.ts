// Where a point stands on the time axis. An instant stands where it is. A civil date, whose zone nobody told, stands at noon UTC: in every zone
// from −12 to +11 h that is the same date on the wearer's calendar, which UTC midnight is not west of Greenwich.
import { parseOffsetTime } from '../../../schemas/metrics/offset-time.ts';

const noon = 'T12:00:00Z';

export const isDate = (start: string): boolean => start.length === 10;

/** Milliseconds since the epoch. */
export const placementMs = (start: string): number => Date.parse(isDate(start) ? start + noon : start);

/** Minutes east of UTC at an instant; null for a date, and for `Z`, which tells the instant but not where the wearer was. */
export const utcOffsetMinutes = (start: string): number | null => parseOffsetTime(start)?.offsetMinutes ?? null;
