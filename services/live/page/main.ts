// The page: keeps what the server said, draws the block that a change concerns, and passes on what a person does. Blocks are functions of the
// view; nothing is drawn that the server did not say.
import type { FeedEntry } from '../feed/feed-entry.ts';
import type { PageFacts, PageMessage } from '../socket/page-message.ts';
import type { Night, Today, TodayParts } from '../today/model.ts';
import { eventsBlock, whatOf } from './blocks/events.ts';
import { nightHead, nightPicture, spanOf } from './blocks/night.ts';
import { nightLegend } from './blocks/night-legend.ts';
import { nightAxis, nightTable } from './blocks/night-reader.ts';
import { connectBlock, connectForm, freshnessBlock, preferencesBlock, ringBlock } from './blocks/ring.ts';
import { scoresBlock } from './blocks/scores.ts';
import { alertsBlock, connectionBlock, helloBlock, noticesBlock, peopleBlock } from './blocks/top.ts';
import { trendsAxis, trendsPicture, trendsTable } from './blocks/trends.ts';
import { vitalsBlock } from './blocks/vitals.ts';
import { chartCursor } from './charts/chart-cursor.ts';
import { acknowledge, beginConnection, type CommandResult, snooze, snoozeUntil } from './commands.ts';
import { type ConnectionState, connect } from './connection.ts';
import { byId, h } from './element.ts';
import { morph } from './morph.ts';
import { keepPreferences, readPreferences, withPreference } from './preferences.ts';
import { tickAges, type View } from './view.ts';

const feedLength = 60;

const state: {
  today: Today | null;
  facts: PageFacts | null;
  feed: FeedEntry[];
  otherNight: Night | null;
  connection: ConnectionState;
  preferences: View['preferences'];
  serverAheadMs: number;
} = {
  today: null,
  facts: null,
  feed: [],
  otherNight: null,
  connection: { kind: 'connecting' },
  preferences: readPreferences(),
  serverAheadMs: 0,
};

const nightCursor = chartCursor(byId('night-chart'));
const trendsCursor = chartCursor(byId('trends-chart'));

const nowMs = () => Date.now() + state.serverAheadMs;

function currentView(): View | null {
  const { today, facts, feed, otherNight, connection, preferences } = state;
  if (!today || !facts) return null;
  return { today, facts, feed, night: otherNight ?? today.night, connection, preferences, nowMs: nowMs() };
}

/** Motion only when something arrived: the first drawing is still. */
let isFirstDrawing = true;

function settle(element: Element) {
  if (isFirstDrawing) return;
  element.classList.remove('arrived');
  requestAnimationFrame(() => element.classList.add('arrived'));
  element.addEventListener('animationend', () => element.classList.remove('arrived'), { once: true });
}

function put(id: string, drawn: Element) {
  const place = byId(id);
  const [held] = place.children;
  if (held && held.nodeName === drawn.nodeName) morph(held, drawn, settle);
  else place.replaceChildren(drawn);
}

const widthOf = (id: string): number => Math.floor(byId(id).clientWidth);
const vitalInnerWidth = (): number =>
  Math.floor(document.querySelector('#vitals .band-dots-place, #vitals h2')?.clientWidth ?? 150);

/** What is drawn when which part changed; `all` is for a new snapshot, person or preference. */
const drawings: readonly {
  parts: readonly (keyof Today | 'feed' | 'connection' | 'width')[];
  draw(view: View): void;
}[] = [
  { parts: ['ring', 'feed', 'connection', 'clock'], draw: (view) => put('state', connectionBlock(view)) },
  { parts: [], draw: (view) => put('people', peopleBlock(view)) },
  { parts: ['connection'], draw: (view) => put('notices', noticesBlock(view)) },
  { parts: ['alerts'], draw: (view) => put('alerts', alertsBlock(view)) },
  { parts: ['night', 'clock', 'has_data'], draw: (view) => put('hello', helloBlock(view)) },
  { parts: ['scores', 'activity', 'clock'], draw: (view) => put('scores', scoresBlock(view)) },
  { parts: ['night', 'clock', 'width'], draw: drawNight },
  { parts: ['vitals', 'clock', 'width'], draw: (view) => put('vitals', vitalsBlock(view, vitalInnerWidth())) },
  { parts: ['trends', 'width'], draw: drawTrends },
  { parts: ['feed', 'clock'], draw: (view) => put('events', eventsBlock(view)) },
  { parts: ['freshness', 'clock'], draw: (view) => put('freshness', freshnessBlock(view)) },
  { parts: ['ring', 'clock'], draw: (view) => put('ring', ringBlock(view)) },
  { parts: ['connection'], draw: (view) => put('connect', connectBlock(view)) },
  { parts: [], draw: (view) => put('preferences', preferencesBlock(view)) },
];

function draw(changed: readonly string[] | 'all') {
  const view = currentView();
  if (!view) return;
  for (const { parts, draw: drawBlock } of drawings) {
    if (changed === 'all' || parts.some((part) => changed.includes(part))) drawBlock(view);
  }
  document.documentElement.dataset.connection = isLongLost(view.connection) ? 'long-lost' : view.connection.kind;
  document.body.classList.remove('loading');
}

/** From then on what stands here is struck through: it may be anything by now. */
const longLostMs = 60_000;
const isLongLost = (connection: ConnectionState): boolean =>
  connection.kind === 'lost' && Date.now() - connection.sinceMs > longLostMs;

function drawNight(view: View) {
  const chart = byId('night-chart');
  put('night-head', nightHead(view));
  put('night-legend', nightLegend(view));
  // Before the width is taken: beside an empty night the legend has no room.
  chart.toggleAttribute('data-empty', spanOf(view.night) === null);
  const width = widthOf('night-picture');
  put('night-picture', nightPicture(view, width));
  nightCursor.use(nightAxis(view, width, chart));
  if (byId('night-details').hasAttribute('open')) put('night-table', nightTable(view));
}

function drawTrends(view: View) {
  const width = widthOf('trends-picture');
  put('trends-picture', trendsPicture(view, width));
  trendsCursor.use(trendsAxis(view, width, byId('trends-chart')));
  if (byId('trends-details').hasAttribute('open')) put('trends-table', trendsTable(view));
}

function take(message: PageMessage) {
  state.serverAheadMs = Date.parse(message.now) - Date.now();
  if (message.type === 'alive') return;
  if (message.type === 'snapshot') {
    state.today = message.today;
    state.facts = message.facts;
    state.feed = message.feed;
    if (!message.today) return showNobody(message.facts);
    byId('welcome').hidden = true;
    document.body.classList.remove('nobody');
    draw('all');
    isFirstDrawing = false;
    return;
  }
  if (!state.today) return;
  state.today = { ...state.today, ...definedOf(message.parts) };
  for (const entry of message.feed) mergeEntry(entry);
  draw([...Object.keys(message.parts), ...(message.feed.length > 0 ? ['feed'] : [])]);
  const newest = message.feed.at(-1);
  if (newest) announce(`New: ${whatOf(newest)}`);
}

/** JSON never carries undefined; the type of a partial object allows it. */
const definedOf = (parts: TodayParts): Partial<Today> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));

function mergeEntry(entry: FeedEntry) {
  const at = state.feed.findIndex(({ id }) => id === entry.id);
  if (at >= 0) state.feed[at] = entry;
  else state.feed = [entry, ...state.feed].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, feedLength);
}

const announceEveryMs = 10_000;
let announcedAtMs = 0;

/** For screen readers, and not for each of a hundred. */
function announce(text: string) {
  if (Date.now() - announcedAtMs < announceEveryMs) return;
  announcedAtMs = Date.now();
  byId('announcer').textContent = text;
}

/** Nobody is here yet: say how to begin, in the place where the data will be. */
function showNobody(facts: PageFacts) {
  byId('welcome').hidden = false;
  document.body.classList.add('nobody');
  put('notices', noticesBlock({ facts, today: null }));
  put('state', h('div', { class: 'state live' }, h('span', { class: 'lamp' }), 'Live, waiting for the first ring'));
  put('welcome-connect', facts.can_connect ? connectForm('me') : h('p', {}));
}

async function showNight(day: string) {
  const { today } = state;
  if (!today || !day) return;
  if (day === today.night.day) state.otherNight = null;
  else {
    const answer = await fetch(`/api/v1/people/${encodeURIComponent(today.user)}/night?day=${day}`);
    if (!answer.ok) return announce('That night could not be loaded. Try again.');
    const loaded: Night = await answer.json();
    state.otherNight = loaded;
  }
  draw(['night']);
}

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-action]') : null;
  const { action, alert = '', day = '' } = button?.dataset ?? {};
  if (action === 'retry') connection.retryNow();
  if (action === 'night') showNight(day).catch(() => announce('The server cannot be reached.'));
  if (action === 'acknowledge') putAside(alert, acknowledge(alert)).catch(reportBug);
  if (action === 'snooze')
    putAside(alert, snooze(alert, snoozeUntil(nowMs(), state.today?.clock.utc_offset_minutes ?? 0).untilMs)).catch(
      reportBug,
    );
});

/** An alert that was put aside goes at once; the server's next word confirms it. */
async function putAside(alertId: string, command: Promise<CommandResult>) {
  const result = await command;
  if (result.kind === 'failed') return say(result.sentence);
  if (!state.today) return;
  state.today = { ...state.today, alerts: state.today.alerts.filter(({ id }) => id !== alertId) };
  draw(['alerts']);
}

const reportBug = (error: unknown) => console.error(error);

function say(sentence: string) {
  put('answer', h('p', { class: 'notice reason', role: 'alert' }, sentence));
}

document.addEventListener('submit', (event) => {
  const { target } = event;
  if (!(target instanceof HTMLFormElement) || target.dataset.action !== 'connect') return;
  event.preventDefault();
  const name = new FormData(target).get('name');
  beginConnection(typeof name === 'string' ? name : '').then((result) => {
    if (result.kind === 'failed') say(result.sentence);
  }, reportBug);
});

document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLSelectElement)) return;
  if (target.dataset.action === 'person') location.search = new URLSearchParams({ user: target.value }).toString();
  if (target.dataset.action === 'preference') {
    state.preferences = withPreference(state.preferences, target.name, target.value);
    keepPreferences(state.preferences);
    draw('all');
  }
});

for (const id of ['night-details', 'trends-details'])
  byId(id).addEventListener('toggle', () => draw(['night', 'trends']));

let width = document.documentElement.clientWidth;
new ResizeObserver(() => {
  if (document.documentElement.clientWidth === width) return;
  width = document.documentElement.clientWidth;
  draw(['width']);
}).observe(document.documentElement);

setInterval(() => {
  if (document.hidden) return;
  tickAges(document, nowMs());
  if (state.connection.kind === 'lost') draw(['connection']);
}, 1000);

const connection = connect({
  user: new URLSearchParams(location.search).get('user'),
  onMessage: take,
  onState(next) {
    state.connection = next;
    draw(['connection']);
  },
});
