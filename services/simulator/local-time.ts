// Local time and UTC through Intl: offsets of any zone at any instant, both daylight-saving changes included. A civil day is
// an integer, days since 1970-01-01, so that "the day before" is arithmetic; instants are milliseconds.

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsetsByDay = new Map<string, { startMs: number; offsetS: number | null }>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
};

function readOffsetS(zone: string, instantMs: number): number {
  const fields: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(instantMs)) fields[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return Math.round((wallMs - Math.floor(instantMs / 1000) * 1000) / 1000);
}

/** Seconds east of UTC. Days without a change (nearly all) are read once. */
export function utcOffsetS(zone: string, instantMs: number): number {
  const utcDay = Math.floor(instantMs / DAY_MS);
  const key = `${zone}|${utcDay}`;
  let known = offsetsByDay.get(key);
  if (known === undefined) {
    const atStart = readOffsetS(zone, utcDay * DAY_MS);
    const atEnd = readOffsetS(zone, (utcDay + 1) * DAY_MS - 1000);
    known = { startMs: utcDay * DAY_MS, offsetS: atStart === atEnd ? atStart : null };
    if (offsetsByDay.size > 20_000) offsetsByDay.clear();
    offsetsByDay.set(key, known);
  }
  return known.offsetS ?? readOffsetS(zone, instantMs);
}

/**
 * The instant at which a wall clock shows `minutes` after midnight of `day`. A time that is skipped in spring is read with the
 * offset before the change (02:30 becomes 03:30); one that comes twice in autumn is the first of the two.
 */
export function localToUtcMs(zone: string, day: number, minutes: number): number {
  const wallMs = day * DAY_MS + minutes * 60_000;
  const before = utcOffsetS(zone, wallMs - DAY_MS);
  const after = utcOffsetS(zone, wallMs + DAY_MS);
  const first = wallMs - before * 1000;
  if (before === after || utcOffsetS(zone, first) === before) return first;
  const second = wallMs - after * 1000;
  return utcOffsetS(zone, second) === after ? second : first;
}

export const localDay = (zone: string, instantMs: number): number =>
  Math.floor((instantMs + utcOffsetS(zone, instantMs) * 1000) / DAY_MS);

export const isoDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const dayOfIso = (iso: string): number => Math.floor(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);

/** 0 is Sunday. */
export const weekday = (day: number): number => (((day + 4) % 7) + 7) % 7;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const offsetText = (offsetS: number): string => {
  const minutes = Math.abs(Math.trunc(offsetS / 60));
  return `${offsetS < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
};

/** `2024-03-01T20:49:00.000-06:00`, as Oura writes what happened to the wearer. */
export function formatLocal(zone: string, instantMs: number): string {
  const offsetS = utcOffsetS(zone, instantMs);
  return new Date(instantMs + offsetS * 1000).toISOString().slice(0, 23) + offsetText(offsetS);
}

/** `2024-06-03T02:27:32+00:00`, as Oura writes rows of a time series: whole seconds, UTC. */
export const formatUtcSecond = (instantMs: number): string => `${new Date(instantMs).toISOString().slice(0, 19)}+00:00`;
