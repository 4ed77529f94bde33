// Arithmetic on civil dates (`2026-11-23`). A date is a name, not an instant: nothing here knows a zone except `civilDay`, which is told one.
const dayMs = 86_400_000;
const minuteMs = 60_000;

/** The date on the calendar of somebody `utcOffsetMinutes` east of UTC. */
export const civilDay = (atMs: number, utcOffsetMinutes: number): string =>
  new Date(atMs + utcOffsetMinutes * minuteMs).toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

/** `count` dates in order, the last one being `last`. */
export const daysUntil = (last: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => addDays(last, index - count + 1));
