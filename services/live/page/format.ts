// Numbers, durations and times as people read them: tabular figures, true minus signs, the wearer's own zone, their clock and units.
// Pure: what it needs comes in as arguments.
import type { Preferences } from './preferences.ts';

export interface Shown {
  /** The figure. */
  text: string;
  /** Its unit, in words people use. */
  unit: string;
}

const minus = '\u2212';
/** Between a number and its unit: never broken. */
const space = '\u00a0';

const signed = (text: string): string => text.replace('-', minus);
const grouped = (value: number): string => signed(String(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, ',');
const plus = (value: number, text: string): string => (value > 0 ? `+${text}` : text);

export function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours === 0
    ? `${minutes}${space}min`
    : `${hours}${space}h ${String(minutes % 60).padStart(2, '0')}${space}min`;
}

/** A value in its UCUM unit, as this person reads it. */
export function shown(value: number, unit: string, { units }: Pick<Preferences, 'units'>): Shown {
  switch (unit) {
    case 'K': {
      const degrees = units === 'imperial' ? value * 1.8 : value;
      return { text: plus(value, signed(degrees.toFixed(1))), unit: units === 'imperial' ? '°F' : '°C' };
    }
    case 'm':
      return units === 'imperial'
        ? { text: (value / 1609.344).toFixed(1), unit: 'mi' }
        : { text: (value / 1000).toFixed(1), unit: 'km' };
    case 's':
      return { text: durationText(value), unit: '' };
    case '{score}':
      return { text: grouped(value), unit: '' };
    case '{steps}':
      return { text: grouped(value), unit: 'steps' };
    case 'kcal':
      return { text: grouped(value), unit: 'kcal' };
    case 'mL/(min.kg)':
      return { text: grouped(value), unit: 'ml/min/kg' };
    default:
      return { text: signed(String(Math.round(value * 10) / 10)), unit };
  }
}

export const shownText = (value: number, unit: string, preferences: Pick<Preferences, 'units'>): string => {
  const { text, unit: name } = shown(value, unit, preferences);
  return name ? `${text}${space}${name}` : text;
};

/** A difference to the usual middle, with its sign; durations in minutes. */
export function differenceText(difference: number, unit: string, preferences: Pick<Preferences, 'units'>): string {
  if (unit === 's') {
    const minutes = Math.round(difference / 60);
    return `${plus(minutes, signed(String(minutes)))}${space}min`;
  }
  const rounded = Math.round(difference * 10) / 10;
  const { text } = shown(rounded, unit, preferences);
  return text.startsWith('+') ? text : plus(rounded, text);
}

export function rangeText(low: number, high: number, unit: string, preferences: Pick<Preferences, 'units'>): string {
  const from = shown(low, unit, preferences).text;
  const to = shown(high, unit, preferences).text;
  if (from === to) return from;
  return /[+\u2212]/.test(from + to) || unit === 's' ? `${from} to ${to}` : `${from}\u2013${to}`;
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const shifted = (atMs: number, offsetMinutes: number): Date => new Date(atMs + offsetMinutes * 60_000);

export function timeText(atMs: number, offsetMinutes: number, { clock }: Pick<Preferences, 'clock'>): string {
  const local = shifted(atMs, offsetMinutes);
  const hours = local.getUTCHours();
  const minutes = String(local.getUTCMinutes()).padStart(2, '0');
  if (clock === '24') return `${String(hours).padStart(2, '0')}:${minutes}`;
  return `${hours % 12 || 12}:${minutes}${space}${hours < 12 ? 'am' : 'pm'}`;
}

export function dateText(day: string, weekday: 'none' | 'short' | 'long' = 'none'): string {
  const date = new Date(day);
  const text = `${date.getUTCDate()} ${monthNames[date.getUTCMonth()]}`;
  const name = dayNames[date.getUTCDay()] ?? '';
  if (weekday === 'none') return text;
  return `${weekday === 'short' ? name.slice(0, 3) : name} ${text}`;
}

export const dayOf = (atMs: number, offsetMinutes: number): string =>
  shifted(atMs, offsetMinutes).toISOString().slice(0, 10);

/** A time of the wearer's today as a clock time, any other with its date. */
export function momentText(
  atMs: number,
  { offsetMinutes, today, preferences }: { offsetMinutes: number; today: string; preferences: Preferences },
): string {
  const day = dayOf(atMs, offsetMinutes);
  const time = timeText(atMs, offsetMinutes, preferences);
  return day === today ? time : `${dateText(day)}, ${time}`;
}

export function zoneText(offsetMinutes: number): string {
  const minutes = Math.abs(offsetMinutes);
  const rest = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`;
  return offsetMinutes === 0 ? 'UTC' : `UTC${offsetMinutes < 0 ? minus : '+'}${Math.floor(minutes / 60)}${rest}`;
}

const ageSteps: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

export function ageText(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  const [size, unit] = ageSteps.find(([step]) => seconds >= step) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${space}${unit}`;
}

/** One piece: it never breaks between its words. */
export const agoText = (ageMs: number): string => `${ageText(ageMs)}${space}ago`;

export const latencyText = (ms: number): string =>
  ms < 1000 ? `${Math.max(0, Math.round(ms))}${space}ms` : `${(ms / 1000).toFixed(1)}${space}s`;
