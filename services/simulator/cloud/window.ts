// Date windows as Oura reads them. A window is compared with an instant of each document, not with its `day`: a bound without a
// zone is compared with the wearer's clock, a date is its midnight, both ends count. Hence an end date drops its own activity
// (04:00 is after midnight) and a night is not found under the day it belongs to.

import { isoDay } from '../local-time.ts';
import type { Json, OuraDocument } from '../ring/document-history.ts';
import type { CollectionFact } from './catalogue.ts';

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const dateTimePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

export interface Bound {
  /** Wall clock, `YYYY-MM-DDTHH:MM:SS`. */
  wall: string;
  /** The instant, when the bound names its zone. */
  instantMs: number | null;
}

/** Null when the text is neither a date nor a date-time. */
export function readBound(text: string): Bound | null {
  const isDate = datePattern.test(text);
  if (!isDate && !dateTimePattern.test(text)) return null;
  if (Number.isNaN(Date.parse(isDate ? `${text}T00:00:00Z` : text))) return null;
  if (isDate) return { wall: `${text}T00:00:00`, instantMs: null };
  const wall = `${text.replace(/(Z|[+-]\d{2}:\d{2})$/, '')}:00`.slice(0, 19);
  return { wall, instantMs: /(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : null };
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** The instant of a document as Oura writes it, with or without a zone. */
export function anchorOf(document: OuraDocument, fact: CollectionFact): string {
  const day = textOf(document[fact.dayField]) ?? '1970-01-01';
  const anchor = fact.anchor === 'day' ? null : textOf(document[fact.anchor]);
  return anchor ?? `${day}T00:00:00.000+00:00`;
}

const compare = (anchor: string, bound: Bound): number => {
  if (bound.instantMs !== null) return Date.parse(anchor) - bound.instantMs;
  const wall = anchor.slice(0, 19);
  return wall < bound.wall ? -1 : wall > bound.wall ? 1 : 0;
};

export interface Window {
  start: Bound;
  end: Bound;
}

export function isWithin(document: OuraDocument, fact: CollectionFact, window: Window, byInstant: boolean): boolean {
  if (byInstant) {
    const anchor = anchorOf(document, fact);
    return compare(anchor, window.start) >= 0 && compare(anchor, window.end) <= 0;
  }
  const day = textOf(document[fact.dayField]) ?? '';
  return day >= window.start.wall.slice(0, 10) && day <= window.end.wall.slice(0, 10);
}

/** Without parameters Oura gives the last day. `end` defaults to now, `start` to a day before `end`. */
export function defaultBounds(
  start: string | null,
  end: string | null,
  nowWall: string,
): { start: string; end: string } {
  const until = end ?? nowWall;
  const dayBefore = isoDay(Math.floor(Date.parse(`${until.slice(0, 10)}T00:00:00Z`) / 86_400_000) - 1);
  return { start: start ?? dayBefore, end: until };
}
