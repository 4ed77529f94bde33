// What is unusual: one card per number of the night with its usual band. Out of range changes colour, place and words.
import type { Measure } from '../../today/model.ts';
import { bandDots } from '../charts/band-dots.ts';
import { type Child, h } from '../element.ts';
import { rangeText, shownText } from '../format.ts';
import { age, derived, figure, moment, type View } from '../view.ts';
import { measureTitle, placeWord } from '../words.ts';

export const vitalsBlock = (view: View, cardWidth: number): HTMLElement =>
  h('div', { class: 'vitals' }, ...view.today.vitals.map((measure) => card(measure, view, cardWidth)));

function card(measure: Measure, view: View, width: number): HTMLElement {
  const { key, reading, usual, place, history } = measure;
  const isOut = place === 'below' || place === 'above';
  const title = measureTitle[key] ?? key;
  const unit = reading?.unit ?? '';
  const inWords = [
    reading ? shownText(reading.value, unit, view.preferences) : 'no data',
    usual && reading
      ? `${placeWord[place ?? 'inside']} ${rangeText(usual.low, usual.high, unit, view.preferences)}`
      : null,
    `${history.filter(({ value }) => value !== null).length} of the last ${history.length} days have a value`,
  ].filter(Boolean);
  return h(
    'section',
    { class: `panel vital${isOut ? ' is-out' : ''}`, 'aria-labelledby': `vital-${key}` },
    h('h2', { id: `vital-${key}` }, title),
    h('p', { class: 'vital-figure' }, reading ? figure(reading, view) : h('span', { class: 'figure none' }, 'no data')),
    bandDots({
      width,
      history: history.map(({ value }) => value),
      value: reading?.value ?? null,
      usual,
      isOut,
      label: `${title}: ${inWords.join(', ')}`,
    }),
    h('p', { class: isOut ? 'vital-words out' : 'vital-words' }, ...words(measure, view)),
    h(
      'p',
      { class: 'small' },
      ...(reading ? [`${moment(reading.known_at, view)} · `, age(reading.known_at, view)] : ['nothing for this night']),
    ),
  );
}

function words({ reading, usual, place, nights }: Measure, view: View): Child[] {
  if (!usual) return [`usual range after 14 nights, ${nights} so far`];
  const range = (unit: string) => derived('usual', rangeText(usual.low, usual.high, unit, view.preferences));
  if (!reading) return ['no value to compare'];
  if (place === null) return ['provisional; usual ', range(reading.unit)];
  return [place === 'inside' ? 'usual ' : `${placeWord[place]} `, range(reading.unit)];
}
