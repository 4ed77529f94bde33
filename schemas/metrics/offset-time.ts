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

/** Undefined when the text is no date-time with an offset. */
export function parseOffsetTime(text: string): OffsetTime | undefined {
  const ms = text[10] === 'T' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  if (text.endsWith('Z')) return { ms, offsetMinutes: null };
  const sign = text[text.length - 6];
  if ((sign !== '+' && sign !== '-') || text[text.length - 3] !== ':') return undefined;
  const minutes = digits(text, text.length - 5) * 60 + digits(text, text.length - 2);
  return { ms, offsetMinutes: sign === '-' ? -minutes : minutes };
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value));

/** `+02:00`. */
export function formatOffset(offsetMinutes: number): string {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The one way we write an instant: seconds, milliseconds only where there are some, and the offset. */
export function formatOffsetTime(ms: number, offsetMinutes: number | null): string {
  const local = new Date(ms + (offsetMinutes ?? 0) * 60_000).toISOString();
  const clock = ms % 1000 === 0 ? local.slice(0, 19) : local.slice(0, 23);
  return offsetMinutes === null ? `${clock}Z` : clock + formatOffset(offsetMinutes);
}

/** The text as we would write it, and where it stands; undefined when it is no instant. Most of Oura's text is kept as it is. */
export function readOffsetTime(text: string): (OffsetTime & { text: string }) | undefined {
  const time = parseOffsetTime(text);
  if (time === undefined) return undefined;
  const isPlain = text.length === 25 || (text.length === 20 && time.offsetMinutes === null);
  return { ...time, text: isPlain ? text : formatOffsetTime(time.ms, time.offsetMinutes) };
}

const dayMs = 86_400_000;

/** The date `days` later on the calendar. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
