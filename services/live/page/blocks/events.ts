// The stream: what came, which version, by webhook or poll, how far along the pipeline it is and how long that took. A webhook and the
// document it announced are one line that goes on.
import type { FeedEntry } from '../../feed/feed-entry.ts';
import { h, s } from '../element.ts';
import { dateText, dayOf, latencyText, timeText } from '../format.ts';
import { derived, moment, offsetOf, type View } from '../view.ts';
import { resourceTitle } from '../words.ts';

export function eventsBlock(view: View): HTMLElement {
  if (view.feed.length === 0) {
    return h(
      'ol',
      { class: 'events empty' },
      h(
        'li',
        {},
        'Nothing has come yet. Each webhook of Oura, and each poll that finds something new, appears here the moment it arrives.',
      ),
    );
  }
  return h('ol', { class: 'events' }, ...view.feed.map((entry) => eventRow(entry, view)));
}

export function whatOf({
  kind,
  title,
  resource,
  event_type: eventType,
  object_id: objectId,
  deleted,
  version,
  day,
  state,
}: FeedEntry): string {
  if (kind === 'alert') return `alert ${state ?? ''} · ${title ?? ''}`;
  const name = resourceTitle(resource ?? 'document');
  const when = day
    ? ` · ${dateText(day)}`
    : /T\d\d$/.test(objectId ?? '')
      ? ` · ${(objectId ?? '').slice(11)}\u00a0h UTC`
      : '';
  if (deleted) return `${name}${when} deleted`;
  if (version === null) return `${name} · ${eventType === 'delete' ? 'deletion' : (eventType ?? 'event')} announced`;
  return version > 1 ? `${name}${when}, version ${version}` : `${name}${when}`;
}

const stages: readonly FeedEntry['stage'][] = ['announced', 'stored', 'measured'];

/** Three stations; those behind are filled. A document that was polled was never announced. */
function pipeline({ stage, via }: FeedEntry): SVGSVGElement {
  const reached = stages.indexOf(stage);
  const isAnnounced = via === 'webhook';
  const label = stages.slice(isAnnounced ? 0 : 1, reached + 1).join(', ');
  return s(
    'svg',
    {
      class: 'pipeline',
      width: 34,
      height: 10,
      viewBox: '0 0 34 10',
      role: 'img',
      'aria-label': label || 'nothing yet',
    },
    s('line', { class: 'pipe', x1: 5, x2: 29, y1: 5, y2: 5 }),
    ...stages.map((_, index) => {
      const isReached = index <= reached && (index > 0 || isAnnounced);
      return s('circle', { class: isReached ? 'station reached' : 'station', cx: 5 + index * 12, cy: 5, r: 3 });
    }),
  );
}

/** Clock time for today, the date for what is older: the column stays narrow. */
function whenOf(at: string, view: View): string {
  const atMs = Date.parse(at);
  const day = dayOf(atMs, offsetOf(view));
  return day === view.today.clock.day ? timeText(atMs, offsetOf(view), view.preferences) : dateText(day);
}

function eventRow(entry: FeedEntry, view: View): HTMLElement {
  const { id, kind, at, level, latency_ms: latency, via } = entry;
  return h(
    'li',
    {
      class: kind === 'alert' ? `event alert-event ${level ?? ''}` : 'event',
      'data-key': id,
      'data-value': `${entry.stage}${entry.version}`,
    },
    h('time', { datetime: at, title: moment(at, view) }, whenOf(at, view)),
    h('span', { class: 'what' }, whatOf(entry)),
    kind === 'alert' ? null : pipeline(entry),
    h(
      'span',
      { class: 'how' },
      via === 'webhook' && latency !== null ? derived('latency', latencyText(latency)) : (via ?? ''),
    ),
  );
}
