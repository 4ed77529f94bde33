// Instants as text that keep the wearer's offset. `Z` says that the instant is known and the wearer's offset is not (RFC 9557); a wearer
// in Greenwich has `+00:00`. Text without an offset is no instant: nobody can place it.

export interface OffsetTime {
  /** Milliseconds since the epoch. */
  ms: number;
  /** Minutes east of UTC; null where the text ends in `Z`. */
  offsetMinutes: number | null;
}

const zero = 48;
const digits = (text: string, at: number) => (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;

// Neighbouring times are of one day, so the day that was asked last answers most questions; it halves the time of normalising an hour of heart
// rates. The clock behind it is plain arithmetic, and whatever does not look like one is left to Date.parse.
let knownDate = '';
let knownDateMs = Number.NaN;

/** Midnight UTC of the date a text begins with. */
function dateMs(text: string): number {
  if (knownDate === '' || !text.startsWith(knownDate)) {
    knownDate = text.slice(0, 10);
    knownDateMs = Date.parse(knownDate);
  }
  return knownDateMs;
}

/** Seconds of a clock `hh:mm:ss` at `at`; NaN for anything else. */
function clockS(text: string, at: number): number {
  if (text[at + 2] !== ':' || text[at + 5] !== ':') return Number.NaN;
  const hour = digits(text, at);
  const minute = digits(text, at + 3);
  const second = digits(text, at + 6);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
    ? hour * 3600 + minute * 60 + second
    : Number.NaN;
}

/** Undefined when the text is no date-time with an offset. */
export function parseOffsetTime(text: string): OffsetTime | undefined {
  const { length } = text;
  if (text[10] !== 'T') return undefined;
  const isUtc = text[length - 1] === 'Z';
  const sign = text[length - 6];
  if (!isUtc && ((sign !== '+' && sign !== '-') || text[length - 3] !== ':')) return undefined;
  const minutes = isUtc ? 0 : digits(text, length - 5) * 60 + digits(text, length - 2);
  const offsetMinutes = sign === '-' ? -minutes : minutes;
  const isPlain = length === (isUtc ? 20 : 25);
  const plainMs = isPlain ? dateMs(text) + clockS(text, 11) * 1000 - offsetMinutes * 60_000 : Number.NaN;
  const ms = Number.isNaN(plainMs) ? Date.parse(text) : plainMs;
  return Number.isNaN(ms) ? undefined : { ms, offsetMinutes: isUtc ? null : offsetMinutes };
}

const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
const two = (value: number) => twoDigits[value] ?? String(value);

let writtenOffset = Number.NaN;
let writtenOffsetText = '';

/** `+02:00`. */
export function formatOffset(offsetMinutes: number): string {
  if (offsetMinutes !== writtenOffset) {
    const minutes = Math.abs(offsetMinutes);
    writtenOffset = offsetMinutes;
    writtenOffsetText = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
  return writtenOffsetText;
}

const dayMs = 86_400_000;
let writtenDay = Number.NaN;
let writtenDate = '';

/** `2026-11-22`, of the day that many days after the epoch. */
function dateOfDay(day: number): string {
  if (day !== writtenDay) {
    writtenDay = day;
    writtenDate = new Date(day * dayMs).toISOString().slice(0, 10);
  }
  return writtenDate;
}

/** The one way we write an instant: seconds, milliseconds only where there are some, and the offset. */
export function formatOffsetTime(ms: number, offsetMinutes: number | null): string {
  const localMs = ms + (offsetMinutes ?? 0) * 60_000;
  const day = Math.floor(localMs / dayMs);
  const ofDayMs = localMs - day * dayMs;
  const seconds = Math.floor(ofDayMs / 1000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  const rest = Math.floor(ofDayMs % 1000);
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`;
  return `${dateOfDay(day)}T${clock}${fraction}${offsetMinutes === null ? 'Z' : formatOffset(offsetMinutes)}`;
}

/** The text as we would write it, and where it stands; undefined when it is no instant. Most of Oura's text is kept as it is. */
export function readOffsetTime(text: string): (OffsetTime & { text: string }) | undefined {
  const time = parseOffsetTime(text);
  if (time === undefined) return undefined;
  const isPlain = text.length === 25 || (text.length === 20 && time.offsetMinutes === null);
  const { ms, offsetMinutes } = time;
  return { ms, offsetMinutes, text: isPlain ? text : formatOffsetTime(ms, offsetMinutes) };
}

/** The date `days` later on the calendar. */
export const addDays = (date: string, days: number): string => dateOfDay(Math.floor(dateMs(date) / dayMs) + days);
