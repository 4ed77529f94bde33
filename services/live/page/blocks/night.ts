// The night as a picture: when it was, whether it is provisional, stages, heart rate and HRV over one time axis. A day without a night says so
// and what to do. Its numbers are in night-legend.ts, reading it by cursor or table in night-reader.ts.
import type { Night, SleepPeriod } from '../../today/model.ts';
import { nightChart, nightGeometry, nightSpan } from '../charts/night-chart.ts';
import { type Child, h } from '../element.ts';
import { dateText, timeText, zoneText } from '../format.ts';
import { age, moment, offsetOfNight, type View } from '../view.ts';

export function nightHead(view: View): HTMLElement {
  const { night, today } = view;
  const isToday = night.day === today.clock.day;
  return h(
    'header',
    {},
    h('h2', { id: 'night-title' }, isToday ? 'Last night' : `Night to ${dateText(night.day, 'short')}`),
    night.main ? provisionalBadge(night.main, view) : null,
    h('p', { class: 'as-of' }, ...whenOf(night, view)),
    h(
      'div',
      { class: 'stepper' },
      stepButton('Earlier night', '‹', night.previous_day),
      stepButton('Later night', '›', night.next_day ?? (isToday ? null : today.clock.day)),
    ),
  );
}

const stepButton = (label: string, sign: string, day: string | null): HTMLElement =>
  h(
    'button',
    {
      type: 'button',
      class: 'step',
      'aria-label': label,
      'data-action': 'night',
      'data-day': day ?? '',
      disabled: day === null,
    },
    sign,
  );

function whenOf(night: Night, view: View): Child[] {
  const { main } = night;
  const offset = offsetOfNight(view);
  if (!main) return [];
  const time = (iso: string) => timeText(Date.parse(iso), offset, view.preferences);
  return [
    `${time(main.start)}\u2013${main.end ? time(main.end) : 'now'} · ${zoneText(offset)} · synced ${moment(main.known_at, view)} · `,
    age(main.known_at, view),
  ];
}

function provisionalBadge({ provisional, version }: SleepPeriod, view: View): HTMLElement | null {
  if (!provisional) return null;
  const until = provisional.until ? `until ${moment(provisional.until, view)}` : 'the night still lasts';
  return h(
    'span',
    { class: 'badge', title: `version ${version}; numbers may still change and are not judged yet` },
    `provisional · ${until}`,
  );
}

/** What the picture shows; null when there is nothing to show. */
export const spanOf = (night: Night): ReturnType<typeof nightSpan> => (night.main ? nightSpan(night) : null);

/** The picture for a width in pixels; an explanation in its place when there is none. */
export function nightPicture(view: View, width: number): HTMLElement {
  const { night, preferences } = view;
  const span = spanOf(night);
  if (!span) return h('div', { class: 'chart-picture empty' }, ...emptyNight(view));
  const geometry = nightGeometry(span, width);
  return h('div', { class: 'chart-picture' }, nightChart(night, geometry, offsetOfNight(view), preferences));
}

function emptyNight({ night, today }: View): Child[] {
  const when = night.day === today.clock.day ? 'the night to today' : `the night to ${dateText(night.day, 'short')}`;
  const previous = night.previous_day;
  return [
    h('p', { class: 'big-none' }, 'no data'),
    h('p', {}, `There is nothing yet for ${when}.`),
    h(
      'p',
      { class: 'soft' },
      today.has_data
        ? 'Oura works a night out when the ring meets the app: open the Oura app near your ring. It stays empty if the ring was not worn.'
        : 'Wear the ring for a night, then open the Oura app. The night appears here by itself.',
    ),
    previous
      ? h(
          'button',
          { type: 'button', 'data-action': 'night', 'data-day': previous },
          `Show the night to ${dateText(previous, 'short')}`,
        )
      : null,
  ];
}
