// Values, limits and spans of time in words for people. Units are UCUM inside and everyday ones here. A temperature deviation is always signed: it
// is a difference and no temperature.

const minuteS = 60;
const hourS = 3600;

const everydayUnit: Readonly<Record<string, string>> = {
  '%': ' %',
  '/min': ' per minute',
  ms: ' ms',
  kcal: ' kcal',
  m: ' m',
  kg: ' kg',
  '{steps}': ' steps',
};

export function inWords(value: number, unit: string): string {
  if (unit === 's') return spanInWords(value);
  if (unit === 'K') return `${value < 0 ? '−' : '+'}${rounded(Math.abs(value), 2)} °C`;
  if (unit === 'Cel') return `${rounded(value, 2)} °C`;
  return `${rounded(value, 2)}${everydayUnit[unit] ?? (/^[{1]/.test(unit) ? '' : ` ${unit}`)}`;
}

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** `4 h 32 min`, `12 min`, `3 days`. */
export function spanInWords(seconds: number): string {
  const minutes = Math.round(seconds / minuteS);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 72) return `${Math.round(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** How old something is, coarse enough to stay true while it is read. */
export function ageInWords(ageMs: number): string {
  const seconds = ageMs / 1000;
  if (seconds < 0) return 'not over yet';
  if (seconds < minuteS) return 'just now';
  if (seconds < hourS) return `${Math.floor(seconds / minuteS)} min ago`;
  const hours = Math.floor(seconds / hourS);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

const comparisons = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const;

export const limitInWords = (comparison: keyof typeof comparisons, threshold: number, unit: string): string =>
  `${comparisons[comparison]} ${inWords(threshold, unit)}`;

/** `2026-11-22 23:05` on the wearer's clock. */
export const localTimeInWords = (ms: number, offsetMinutes: number): string =>
  new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');
