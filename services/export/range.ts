// The range that a person asks for with --from and --to. A date means the wearer's own calendar: rows whose start is written with that date, both
// dates included. An instant means that instant: from inclusive, to exclusive.
import { parseOffsetTime } from '../../schemas/metrics/offset-time.ts';
import type { StoredPoint } from '../storage/metric-store/metric-store.ts';

export interface RangeText {
  from?: string | undefined;
  to?: string | undefined;
}

export interface Range {
  /** For the store: wide enough for every zone. */
  fromMs?: number;
  toMs?: number;
  /** Whether a point the store gave is meant. */
  includes(point: Pick<StoredPoint, 'start'>): boolean;
}

const dayMs = 86_400_000;
const date = /^\d{4}-\d\d-\d\d$/;

function bound(text: string, name: string): { ms: number; date?: string } {
  if (date.test(text) && !Number.isNaN(Date.parse(text))) return { ms: Date.parse(text), date: text };
  const time = parseOffsetTime(text);
  if (time) return { ms: time.ms };
  throw new RangeError(
    `${name} is "${text}": expected a date (2026-11-23) or a time with its offset (2026-11-23T08:00:00Z)`,
  );
}

/** @throws RangeError with a sentence for the person who asked */
export function readRange({ from, to }: RangeText): Range {
  const first = from === undefined ? undefined : bound(from, '--from');
  const last = to === undefined ? undefined : bound(to, '--to');
  return {
    ...(first && { fromMs: first.date === undefined ? first.ms : first.ms - dayMs }),
    ...(last && { toMs: last.date === undefined ? last.ms : last.ms + 2 * dayMs }),
    includes: ({ start }) => {
      const written = start.slice(0, 10);
      return (first?.date === undefined || written >= first.date) && (last?.date === undefined || written <= last.date);
    },
  };
}
