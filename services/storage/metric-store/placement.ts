// Where a point stands on the time axis. An instant stands where it is. A civil date, whose zone nobody told, stands at noon UTC: in every zone
// from −12 to +11 h that is the same date on the wearer's calendar, which UTC midnight is not west of Greenwich.

const noon = 'T12:00:00Z';

export const isDate = (start: string): boolean => start.length === 10;

/** Milliseconds since the epoch. */
export const placementMs = (start: string): number => Date.parse(isDate(start) ? start + noon : start);

/** Minutes east of UTC as written in the text; null for a date. `Z` is 0. */
export function utcOffsetMinutes(start: string): number | null {
  if (isDate(start)) return null;
  const match = /([+-])(\d\d):?(\d\d)$/.exec(start);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
