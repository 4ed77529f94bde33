// Readiness, sleep and activity of today: the score in the largest type, what pulls it down first, when it was learnt. A day without a score
// says so in the place of the number, names the newest day that has one, and what to do.
import type { Score } from '../../today/model.ts';
import { gauge } from '../charts/gauge.ts';
import { type Child, h, s } from '../element.ts';
import { dateText, rangeText } from '../format.ts';
import { asOf, derived, figure, sourceOf, type View } from '../view.ts';
import { bandOf, bandWord, contributorTitle, placeWord, scoreTitle } from '../words.ts';

const shownContributors = 3;

export const scoresBlock = (view: View): HTMLElement =>
  h(
    'div',
    { class: 'scores' },
    ...[view.today.scores.readiness, view.today.scores.sleep, view.today.scores.activity].map((score) =>
      scorePanel(score, view),
    ),
  );

function scorePanel(score: Score, view: View): HTMLElement {
  const { name, reading, usual } = score;
  const id = `score-${name}`;
  // The activity of a day that is not over is not judged by the words for whole days.
  const tone = reading === null ? 'none' : name === 'activity' ? 'accent' : bandOf(reading.value);
  const words =
    reading === null
      ? 'no data'
      : `${reading.value} of 100${usual ? `, usual ${rangeText(usual.low, usual.high, '{score}', view.preferences)}` : ''}`;
  return h(
    'section',
    { class: `panel score${score.stale ? ' is-stale' : ''}`, 'aria-labelledby': id },
    h('header', {}, h('h2', { id }, scoreTitle[name]), reading ? asOf(reading.known_at, view) : null),
    h(
      'div',
      { class: 'score-body' },
      h(
        'div',
        { class: 'gauge-box' },
        gauge({ value: reading?.value ?? null, usual, label: `${scoreTitle[name]}: ${words}`, tone }),
        reading
          ? h('p', { class: 'gauge-number' }, figure(reading, view), h('span', { class: 'of' }, 'of 100'))
          : h('p', { class: 'gauge-number none' }, 'no data'),
      ),
      h('div', { class: 'score-text' }, ...(reading ? present(score, view) : absent(score))),
    ),
  );
}

function headline(score: Score, view: View): Child[] {
  const { name, reading, contributors } = score;
  if (name === 'activity') return activityHeadline(view);
  if (!reading) return [];
  const lowest = contributors[0];
  if (lowest && lowest.reading.value < 70 && reading.value < 85)
    return [
      `Pay attention to ${contributorTitle(lowest.name).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}`,
    ];
  return [bandWord[bandOf(reading.value)]];
}

function activityHeadline(view: View): Child[] {
  const { steps } = view.today.activity;
  if (!steps) return ['no steps yet'];
  return [figure(steps, view, 'inline')];
}

/** Oura sets no goal of steps: it counts what all movement would be worth as walking. */
function activityGoals(view: View): Child[] {
  const { distance, distance_goal: goal, active_energy: energy, active_energy_goal: energyGoal } = view.today.activity;
  return [
    distance && goal
      ? h(
          'p',
          { class: 'goal' },
          'worth ',
          figure(distance, view, 'inline'),
          ' of ',
          figure(goal, view, 'inline'),
          ' walking',
        )
      : null,
    energy && energyGoal
      ? h('p', { class: 'goal' }, figure(energy, view, 'inline'), ' of ', figure(energyGoal, view, 'inline'), ' active')
      : null,
  ];
}

function present(score: Score, view: View): Child[] {
  const rest = score.contributors.slice(shownContributors);
  const place = score.place === null || score.place === 'inside' ? null : placeWord[score.place];
  const { usual } = score;
  return [
    h('p', { class: 'headline' }, ...headline(score, view)),
    ...(score.name === 'activity' ? activityGoals(view) : []),
    h(
      'dl',
      { class: 'contributors' },
      ...score.contributors.slice(0, shownContributors).map((item) => contributorRow(item)),
    ),
    rest.length > 0
      ? h(
          'details',
          { class: 'more' },
          h('summary', {}, `${rest.length} more contributors`),
          h('dl', { class: 'contributors' }, ...rest.map((item) => contributorRow(item))),
        )
      : null,
    usual
      ? h(
          'p',
          { class: `small${place ? ' out' : ''}` },
          place ? `${place} ` : 'usual ',
          derived('usual', rangeText(usual.low, usual.high, '{score}', view.preferences)),
        )
      : h('p', { class: 'small' }, 'usual range after 14 days'),
    score.stale ? h('p', { class: 'small reason' }, 'Not synced for hours. Open the Oura app near your ring.') : null,
  ];
}

function contributorRow({ name, reading }: Score['contributors'][number]): HTMLElement {
  return h(
    'div',
    { class: `contributor tone-${bandOf(reading.value)}` },
    h('dt', {}, contributorTitle(name)),
    h(
      'dd',
      {},
      s(
        'svg',
        { class: 'bar', viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        s('rect', { class: 'bar-track', width: 100, height: 4 }),
        s('rect', { class: 'bar-value', width: Math.max(1.5, reading.value), height: 4 }),
      ),
      h('span', { class: 'bar-number', ...sourceOf(reading) }, reading.value),
    ),
  );
}

function absent({ name, day, newest_day: newest }: Score): Child[] {
  return [
    h('p', { class: 'headline' }, `None for ${dateText(day, 'short')} yet`),
    h(
      'p',
      { class: 'small' },
      newest ? `The newest is of ${dateText(newest, 'short')}.` : 'There is none for any earlier day either.',
    ),
    h(
      'p',
      { class: 'small reason' },
      name === 'activity'
        ? 'It comes with the first sync of the day.'
        : 'Open the Oura app to sync the night; it follows within a minute.',
    ),
  ];
}
