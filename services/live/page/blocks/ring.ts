// Is what I see current, and the ring itself: a chip per resource with its age, late ones with the reason; battery, last seen, newest heart
// rate; how to connect a ring; and what this browser should remember.
import type { Freshness } from '../../today/model.ts';
import { type Child, h } from '../element.ts';
import { ageText, dateText, shownText } from '../format.ts';
import { choices, type Preferences } from '../preferences.ts';
import { age, figure, moment, sourceOf, type View } from '../view.ts';
import { resourceTitle } from '../words.ts';

export const freshnessBlock = (view: View): HTMLElement =>
  h('ul', { class: 'chips' }, ...view.today.freshness.map((item) => chip(item, view)));

function chip(
  { resource, state, known_at: knownAt, measured_at: measuredAt, reading }: Freshness,
  view: View,
): HTMLElement {
  const title = resourceTitle(resource);
  if (state === 'none' || !measuredAt || !knownAt) {
    const isClosed = view.today.connection.missing.includes(resource);
    return h('li', { class: 'chip none' }, `${title}: ${isClosed ? 'not shared with us' : 'Oura has none yet'}`);
  }
  const value = reading
    ? h('span', sourceOf(reading), ` ${shownText(reading.value, reading.unit, view.preferences)}`)
    : null;
  // When it was measured: what was fetched a minute ago may be of yesterday. Of a day that still runs it is when it was learnt.
  const isRunning = Date.parse(measuredAt) > view.nowMs;
  const seenAt = isRunning ? knownAt : measuredAt;
  if (state === 'current')
    return h('li', { class: 'chip' }, title, value, ' ', isDay(seenAt) ? dateText(seenAt) : age(seenAt, view));
  const since = isDay(measuredAt) ? dateText(measuredAt) : `${ageText(view.nowMs - Date.parse(measuredAt))} old`;
  return h(
    'li',
    { class: 'chip late' },
    `${title} `,
    h('s', {}, value ?? since),
    ` ${value ? since : ''}: Oura has none newer`,
  );
}

const isDay = (time: string): boolean => time.length === 10;

export function ringBlock(view: View): HTMLElement {
  const { battery, heart_rate: heartRate, seen_at: seenAt, stale } = view.today.ring;
  return h(
    'div',
    { class: stale ? 'ring is-stale' : 'ring' },
    fact(
      'Battery',
      battery ? figure(battery, view) : null,
      ...(battery ? [`${moment(battery.start, view)} · `, age(battery.start, view)] : ['no data yet']),
    ),
    fact(
      'Newest heart rate',
      heartRate ? figure(heartRate, view) : null,
      ...(heartRate ? [`${moment(heartRate.start, view)} · `, age(heartRate.start, view)] : ['no data yet']),
    ),
    fact(
      'Ring last seen',
      seenAt ? h('span', { class: 'figure' }, age(seenAt, view)) : null,
      seenAt ? 'newest measurement of the ring' : 'no ring yet',
    ),
    stale
      ? h(
          'p',
          { class: 'reason' },
          'The ring has been silent for more than a day. Charge it, wear it, and open the Oura app near it.',
        )
      : null,
  );
}

const fact = (title: string, value: Child, ...note: Child[]): HTMLElement =>
  h(
    'div',
    { class: 'fact' },
    h('h3', {}, title),
    h('p', {}, value ?? h('span', { class: 'figure none' }, 'no data')),
    h('p', { class: 'small' }, ...note),
  );

export function connectBlock({ facts, today }: View): HTMLElement {
  if (!facts.can_connect) {
    return h(
      'div',
      { class: 'connect' },
      h('h3', {}, 'Connect a ring'),
      h('p', {}, 'Make an application in Oura’s developer portal and start again with its two keys:'),
      h('p', {}, h('code', {}, 'OURA_CLIENT_ID'), ' ', h('code', {}, 'OURA_CLIENT_SECRET')),
    );
  }
  const { state, missing } = today.connection;
  const closed = missing.map(resourceTitle).join(', ');
  const how = h('p', {}, 'You sign in at Oura and choose what to share. The data stays on this machine.');
  if (state !== 'active') {
    const title = state === 'needs_consent' ? 'Connect again' : 'Connect a ring';
    return h('div', { class: 'connect' }, h('h3', {}, title), how, connectForm(today.name));
  }
  return h(
    'div',
    { class: 'connect' },
    h('h3', {}, 'Connected to Oura'),
    h(
      'p',
      {},
      closed ? `Not shared with us: ${closed}. Connect again to change that.` : 'Everything is shared with us.',
    ),
    h('details', { class: 'more' }, h('summary', {}, 'Connect again, or another ring'), how, connectForm(today.name)),
  );
}

export const connectForm = (name: string): HTMLElement =>
  h(
    'form',
    { class: 'connect-form', 'data-action': 'connect' },
    h('label', { for: 'connect-name' }, 'Whose ring'),
    h('input', { id: 'connect-name', name: 'name', value: name, maxlength: 80, required: true, autocomplete: 'off' }),
    h('button', { class: 'button' }, 'Connect your ring'),
  );

const titles: Readonly<Record<keyof Preferences, string>> = { theme: 'Colours', clock: 'Clock', units: 'Units' };

export function preferencesBlock({ preferences }: View): HTMLElement {
  const group = (name: keyof Preferences) =>
    h(
      'label',
      {},
      h('span', {}, titles[name]),
      h(
        'select',
        { name, 'data-action': 'preference' },
        ...choices[name].map(([value, title]) => h('option', { value, selected: preferences[name] === value }, title)),
      ),
    );
  return h('div', { class: 'preferences' }, group('theme'), group('clock'), group('units'));
}
