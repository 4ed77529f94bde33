// When a single point is, by the rules that the mapping names (schemas/metrics/mapping-row.ts says them in words). The wearer's offset is
// kept; a day whose zone nobody told stays a date, and the end of a period of dates is the day after its last.
// Leaves out series and strings of characters, which `read-series.ts` places.
import type { TimeRule } from '../../schemas/metrics/mapping-row.ts';
import {
  addDays,
  formatOffsetTime,
  type OffsetTime,
  parseOffsetTime,
  readOffsetTime,
} from '../../schemas/metrics/offset-time.ts';
import { type Fields, type Period, type ReadingContext, textAt } from './reading-context.ts';

/** `fields` is the document, or the item of a list. Undefined when the record does not tell. */
type Rule = (fields: Fields, context: ReadingContext) => Period | undefined;

const instantAt = (fields: Fields, key: string) => {
  const text = textAt(fields, key);
  return text === undefined ? undefined : readOffsetTime(text);
};

const period = (start: string | undefined, end: string | undefined): Period | undefined =>
  start === undefined ? undefined : end === undefined ? { start } : { start, end };

/** Between two instants; open where the second is missing. */
const between =
  (startKey: string, endKey: string): Rule =>
  (fields) =>
    period(instantAt(fields, startKey)?.text, instantAt(fields, endKey)?.text);

const civilDay: Rule = (fields) => {
  const day = textAt(fields, 'day');
  return day === undefined ? undefined : { start: day, end: addDays(day, 1) };
};

/** Between times where they have an offset, else over days. */
const timesOrDays: Rule = (fields) => {
  const start = instantAt(fields, 'start_time');
  if (start) return period(start.text, instantAt(fields, 'end_time')?.text);
  const lastDay = textAt(fields, 'end_day');
  return period(textAt(fields, 'start_day'), lastDay === undefined ? undefined : addDays(lastDay, 1));
};

/** The instant without the offset it was written with; Oura writes most UTC times as `+00:00`. */
const utc = ({ ms, text }: OffsetTime & { text?: string }): string =>
  text?.length === 25 && text.endsWith('+00:00') ? `${text.slice(0, 19)}Z` : formatOffsetTime(ms, null);

/** Rows of one second are told apart by their milliseconds, which only `timestamp_unix` has. */
const rowUtc: Rule = (fields) => {
  const time = instantAt(fields, 'timestamp');
  if (!time) return undefined;
  const unixMs = fields.timestamp_unix;
  const isFiner = typeof unixMs === 'number' && unixMs !== time.ms && Math.floor(unixMs / 1000) * 1000 === time.ms;
  if (isFiner) return { start: formatOffsetTime(Math.floor(unixMs), null) };
  return { start: time.offsetMinutes === null ? time.text : utc(time) };
};

const hourMs = 3_600_000;

/** The length of an activity day. Its series tell of a change of the clocks: they then have an hour (or half of one) more or less. */
function activityDayMs(fields: Fields): number {
  const met = fields.met as { interval: number; items: readonly unknown[] } | null | undefined;
  const classes = textAt(fields, 'class_5_min');
  const lengths = [
    met ? met.items.length * met.interval * 1000 : undefined,
    classes ? classes.length * 300_000 : undefined,
  ];
  const [ms = 24 * hourMs, ...others] = lengths.filter((length) => length !== undefined);
  const isChange = [23, 23.5, 24.5, 25].includes(ms / hourMs) && others.every((other) => other === ms);
  return isChange ? ms : 24 * hourMs;
}

const activityDay: Rule = (fields, context) => {
  const start = instantAt(fields, 'timestamp');
  if (!start) return civilDay(fields, context);
  const lengthMs = activityDayMs(fields);
  // The next 04:00 is on the same clock: an hour less of day is an hour more of offset.
  const offsetMinutes = start.offsetMinutes === null ? null : start.offsetMinutes + (24 * hourMs - lengthMs) / 60_000;
  return { start: start.text, end: formatOffsetTime(start.ms + lengthMs, offsetMinutes) };
};

const windowOffsets: Rule = (fields) => {
  const day = textAt(fields, 'day');
  const window = fields.optimal_bedtime as
    | { day_tz: number; start_offset: number; end_offset: number }
    | null
    | undefined;
  if (day === undefined || !window) return undefined;
  const midnightMs = Date.parse(day) - window.day_tz * 1000;
  const at = (offsetS: number) => formatOffsetTime(midnightMs + offsetS * 1000, Math.round(window.day_tz / 60));
  return { start: at(window.start_offset), end: at(window.end_offset) };
};

const fetched: Rule = (_fields, { fetchedAt }) => {
  const time = parseOffsetTime(fetchedAt);
  return time && { start: utc(time) };
};

export const pointRules = {
  civil_day: civilDay,
  'civil_day*': civilDay,
  activity_day: activityDay,
  sleep_window: between('bedtime_start', 'bedtime_end'),
  interval: between('start_datetime', 'end_datetime'),
  instant: (fields, context) => period(instantAt(fields, 'timestamp')?.text ?? context.day, undefined),
  row_utc: rowUtc,
  tag_interval: timesOrDays,
  days: timesOrDays,
  set_up: (fields, context) => {
    const time = instantAt(fields, 'set_up_at');
    return time ? { start: utc(time) } : fetched(fields, context);
  },
  fetch: fetched,
  window_offsets: windowOffsets,
} as const satisfies Partial<Record<TimeRule, Rule>>;

export type PointRule = keyof typeof pointRules;

export const isPointRule = (rule: TimeRule): rule is PointRule => rule in pointRules;
