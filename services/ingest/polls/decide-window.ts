// Which stretch of time a poll asks for, and how the history is walked: from today backwards, in windows that can be resumed, until a floor or
// two years without anything. Pure. Days are UTC days of the clock; the margins cover every wearer's zone.
import type { ResourceKind } from '../../../schemas/oura/resources.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** [fromMs, toMs): whole UTC hours for rows, whole UTC days for documents. */
export interface Window {
  fromMs: number;
  toMs: number;
}

const floorTo = (ms: number, unit: number): number => Math.floor(ms / unit) * unit;

// Oura refuses more than 30 days of rows; of documents it advises one to three months.
const historyDays: Record<'documents' | 'rows', number> = { documents: 90, rows: 30 };
// Without a change nothing is recorded twice, so a poll may look back further than its interval: a ring syncs late.
const recentDays: Record<'documents' | 'rows', number> = { documents: 2, rows: 1 };
/** A ring may lie in a drawer; this long without anything is before its time. */
export const emptyDaysThatEnd = 730;

/** What a regular poll reads: the last days, or once a day the trailing week. Undefined: the resource has no windows. */
export function recentWindow(kind: ResourceKind, nowMs: number, trailingDays: number | undefined): Window | undefined {
  if (kind !== 'documents' && kind !== 'rows') return undefined;
  const days = Math.max(recentDays[kind], trailingDays ?? 0);
  const unit = kind === 'rows' ? hourMs : dayMs;
  const toMs = floorTo(nowMs, unit) + unit;
  return { fromMs: toMs - days * dayMs, toMs };
}

export interface HistoryState {
  /** Everything from here on has been read; null before the first window. */
  beforeMs: number | null;
  emptyDays: number;
}

/** The next window of the history; undefined when all of it has been read. */
export function historyWindow(
  kind: ResourceKind,
  { beforeMs, emptyDays }: HistoryState,
  nowMs: number,
  maxHistoryDays: number,
): Window | undefined {
  if ((kind !== 'documents' && kind !== 'rows') || emptyDays >= emptyDaysThatEnd) return undefined;
  const floorMs = floorTo(nowMs - maxHistoryDays * dayMs, dayMs);
  const toMs = beforeMs ?? floorTo(nowMs, dayMs) + dayMs;
  const fromMs = Math.max(toMs - historyDays[kind] * dayMs, floorMs);
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}

/** The state after a window was read to its last page. */
export const afterWindow = (state: HistoryState, { fromMs, toMs }: Window, found: number): HistoryState => ({
  beforeMs: fromMs,
  emptyDays: found > 0 ? 0 : state.emptyDays + Math.round((toMs - fromMs) / dayMs),
});

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const isoSecond = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/**
 * The query for a window. Oura compares date windows with an instant of its own choosing, in the wearer's zone, and reads a bare end date as
 * its midnight; so documents are asked with a day of margin on both sides and an end of day. What comes from the margins is true as well
 * and is kept by its id; it is not filtered away.
 */
export function windowQuery(kind: 'documents' | 'rows', { fromMs, toMs }: Window): Record<string, string> {
  return kind === 'rows'
    ? { start_datetime: isoSecond(fromMs), end_datetime: isoSecond(toMs) }
    : { start_date: isoDay(fromMs - dayMs), end_date: `${isoDay(toMs)}T23:59:59` };
}
