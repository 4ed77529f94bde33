// The top of the page: is this line alive, whose ring is it, when was it last seen; then what has to be said (notices, open alerts), and the
// one sentence that answers "how did I sleep".
import type { OpenAlert } from '../../today/model.ts';
import { snoozeUntil } from '../commands.ts';
import { type Child, h } from '../element.ts';
import { ageText, dateText, timeText } from '../format.ts';
import { noticeParts } from '../notice-parts.ts';
import { age, derived, figure, moment, offsetOf, type View } from '../view.ts';

export function connectionBlock(view: View): HTMLElement {
  const { connection, feed, today, nowMs } = view;
  if (connection.kind === 'connecting')
    return h('div', { class: 'state' }, h('span', { class: 'lamp' }), 'Connecting…');
  if (connection.kind === 'lost') {
    return h(
      'div',
      { class: 'state lost' },
      h('span', { class: 'lamp' }),
      h('span', {}, `Not connected for ${ageText(Date.now() - connection.sinceMs)}: what you see may be old`),
      h('button', { type: 'button', class: 'quiet', 'data-action': 'retry' }, 'Try now'),
    );
  }
  const newest = feed[0];
  const { seen_at: seenAt, stale } = today.ring;
  return h(
    'div',
    { class: 'state live' },
    h('span', { class: 'lamp' }),
    h('span', {}, 'Live'),
    newest ? h('span', { class: 'detail' }, 'last event ', age(newest.at, view)) : null,
    seenAt
      ? h(
          'span',
          { class: stale ? 'detail stale' : 'detail', title: `${ageText(nowMs - Date.parse(seenAt))} ago` },
          `ring seen ${moment(seenAt, view)}`,
        )
      : h('span', { class: 'detail' }, 'ring not seen yet'),
  );
}

export function peopleBlock({ facts, today }: View): HTMLElement {
  if (facts.people.length < 2) return h('div', { class: 'people' });
  const options = facts.people.map(({ user, name }) =>
    h('option', { value: user, selected: user === today.user }, name),
  );
  return h(
    'div',
    { class: 'people' },
    h('label', { class: 'sr-only', for: 'person' }, 'Person'),
    h('select', { id: 'person', 'data-action': 'person' }, ...options),
  );
}

const withVariables = (text: string, variables: readonly string[]): Child[] =>
  noticeParts(text, variables).map((part) => (part.isVariable ? h('code', {}, part.text) : part.text));

export function noticesBlock({ facts, today }: Pick<View, 'facts'> & { today: View['today'] | null }): HTMLElement {
  const notices = facts.notices.map(({ text, variables }) =>
    h('p', { class: 'notice' }, ...withVariables(text, variables)),
  );
  if (today?.connection.state === 'needs_consent') {
    const text =
      'Oura no longer accepts our connection, so nothing new comes. Connect the ring again below; what is here stays.';
    notices.push(h('p', { class: 'notice reason' }, text));
  }
  return h('div', { class: 'notices' }, ...notices);
}

const levelWord: Readonly<Record<OpenAlert['level'], string>> = {
  info: 'for your information',
  warning: 'warning',
  urgent: 'urgent',
};

export function alertsBlock(view: View): HTMLElement {
  const bars = view.today.alerts.map((alert) =>
    h(
      'li',
      { class: `alert ${alert.level}`, 'data-key': alert.id },
      h(
        'div',
        {},
        h('strong', {}, alert.title),
        h('p', {}, alert.summary),
        h(
          'p',
          { class: 'small' },
          [
            levelWord[alert.level],
            alert.day ? dateText(alert.day, 'short') : null,
            `open since ${moment(alert.since, view)}`,
          ]
            .filter(Boolean)
            .join(' · '),
        ),
      ),
      h(
        'div',
        { class: 'alert-actions' },
        h(
          'button',
          { type: 'button', 'data-action': 'snooze', 'data-alert': alert.id },
          snoozeUntil(view.nowMs, offsetOf(view)).words,
        ),
        h('button', { type: 'button', 'data-action': 'acknowledge', 'data-alert': alert.id }, 'Acknowledge'),
      ),
    ),
  );
  return h('ul', { class: 'alerts', 'aria-label': 'Open alerts' }, ...bars);
}

function greeting(hour: number): string {
  if (hour < 5) return 'Good night';
  if (hour < 12) return 'Good morning';
  return hour < 18 ? 'Good afternoon' : 'Good evening';
}

export function helloBlock(view: View): HTMLElement {
  const { today, nowMs } = view;
  const localMs = nowMs + offsetOf(view) * 60_000;
  const { main } = today.night;
  const slept = main?.duration;
  const isOver = main?.end != null;
  return h(
    'div',
    { class: 'hello' },
    h('h1', {}, greeting(new Date(localMs).getUTCHours())),
    h(
      'p',
      {},
      `${dateText(today.clock.day, 'long')} · `,
      slept ? figure(slept, view, 'inline') : null,
      slept ? (isOver ? ' of sleep, up at ' : ' of sleep so far') : 'no night yet',
      slept && main?.end ? derived('time', timeText(Date.parse(main.end), offsetOf(view), view.preferences)) : null,
    ),
  );
}
