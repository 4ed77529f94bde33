// What every block is drawn from, and the small pieces all blocks share: a number that names its point, an age that keeps counting.
import type { FeedEntry } from '../feed/feed-entry.ts';
import type { PageFacts } from '../socket/page-message.ts';
import type { Night, Reading, Today } from '../today/model.ts';
import type { ConnectionState } from './connection.ts';
import { type Attributes, type Child, h } from './element.ts';
import { agoText, momentText, shown } from './format.ts';
import type { Preferences } from './preferences.ts';

export interface View {
  today: Today;
  /** The night that is shown: last night, or another one the person went to. */
  night: Night;
  feed: readonly FeedEntry[];
  facts: PageFacts;
  preferences: Preferences;
  connection: ConnectionState;
  /** The server's time. */
  nowMs: number;
}

export const offsetOf = (view: View): number => view.today.clock.utc_offset_minutes;

/** A night is told in the zone it was slept in. */
export const offsetOfNight = (view: View): number => view.night.utc_offset_minutes ?? offsetOf(view);

/** Attributes that say which point a shown number is. */
export const sourceOf = (reading: Reading): Attributes => ({
  'data-value': reading.value,
  'data-metric': reading.metric,
  'data-aggregation': reading.aggregation,
  'data-resource': reading.resource,
  'data-document': reading.document,
  'data-start': reading.start,
});

/** The figure and its unit. `className` decides how large it is. */
export function figure(
  reading: Reading,
  { preferences }: Pick<View, 'preferences'>,
  className = 'figure',
): HTMLElement {
  const { text, unit } = shown(reading.value, reading.unit, preferences);
  return h(
    'span',
    { class: className, ...sourceOf(reading) },
    text,
    unit ? h('span', { class: 'unit' }, `\u00a0${unit}`) : null,
  );
}

/** A value of a history, told apart by its day. */
export function dayFigure(
  value: number,
  from: Pick<Reading, 'metric' | 'resource' | 'unit'> & { day: string },
  { preferences }: Pick<View, 'preferences'>,
): HTMLElement {
  const { text, unit } = shown(value, from.unit, preferences);
  const source = {
    'data-value': value,
    'data-metric': from.metric,
    'data-resource': from.resource,
    'data-day': from.day,
  };
  return h('span', source, unit ? `${text}\u00a0${unit}` : text);
}

/** What was computed here from shown numbers: a usual range, a difference, a mean. */
export const derived = (what: string, ...children: Child[]): HTMLElement =>
  h('span', { 'data-derived': what }, ...children);

export const moment = (iso: string, view: View): string =>
  momentText(Date.parse(iso), {
    offsetMinutes: offsetOf(view),
    today: view.today.clock.day,
    preferences: view.preferences,
  });

export const age = (iso: string, view: View): HTMLElement =>
  h('time', { datetime: iso, 'data-age': iso }, agoText(view.nowMs - Date.parse(iso)));

/** `as of 07:41 · 22 min ago` */
export const asOf = (iso: string, view: View): HTMLElement =>
  h('span', { class: 'as-of' }, `as of ${moment(iso, view)} · `, age(iso, view));

/** Brings all ages up to now without drawing anything anew. */
export function tickAges(root: ParentNode, nowMs: number): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-age]')) {
    const text = agoText(nowMs - Date.parse(element.dataset.age ?? ''));
    if (element.textContent !== text) element.textContent = text;
  }
}
