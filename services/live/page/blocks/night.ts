// The night: stages, heart rate and HRV over one time axis, the numbers of the main sleep beside them, a table for whoever cannot see the
// picture. A provisional night is marked and not compared; a day without a night says so.
import type { Measure, Night, SleepPeriod } from '../../today/model.ts';
import type { CursorAxis } from '../charts/chart-cursor.ts';
import {
  laneScale,
  type NightGeometry,
  nightChart,
  nightGeometry,
  nightSpan,
  stageOrder,
} from '../charts/night-chart.ts';
import { cursorStepMs, type NightMoment, nightAt, nightRows, type Sample } from '../charts/night-reading.ts';
import { type Attributes, type Child, h, s } from '../element.ts';
import { dateText, differenceText, timeText, zoneText } from '../format.ts';
import { age, derived, figure, moment, offsetOf, type View } from '../view.ts';
import { legendTitle, stageTitle } from '../words.ts';

const offsetOfNight = (view: View): number => view.night.utc_offset_minutes ?? offsetOf(view);

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

/** The picture for a width in pixels; an explanation in its place when there is none. */
export function nightPicture(view: View, width: number): HTMLElement {
  const { night, preferences } = view;
  const span = night.main ? nightSpan(night) : null;
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

export function nightLegend(view: View): HTMLElement {
  const { night } = view;
  if (!night.main) return h('div', { class: 'legend' });
  const measure = (key: string) => night.measures.find((item) => item.key === key);
  const rows = (keys: readonly string[]) =>
    keys.flatMap((key) => measure(key) ?? []).map((item) => legendRow(item, view));
  const usual = measure('duration')?.usual;
  return h(
    'div',
    { class: 'legend' },
    shareBar(night),
    h('dl', {}, ...rows(['duration', 'deep', 'rem', 'light', 'awake'])),
    h('dl', {}, ...rows(['heart_rate', 'lowest_heart_rate', 'hrv'])),
    h('dl', {}, ...rows(['efficiency', 'latency', 'breathing'])),
    h(
      'p',
      { class: 'small' },
      night.main.provisional
        ? 'Provisional: not compared yet.'
        : usual
          ? 'Small figures: against the middle of your last 28 nights.'
          : `Compared after 14 nights; ${measure('duration')?.nights ?? 0} so far.`,
    ),
    ...otherParts(night, view),
  );
}

const dotOf: Readonly<Record<string, string>> = {
  deep: 'stage-deep',
  rem: 'stage-rem',
  light: 'stage-light',
  awake: 'stage-awake',
  heart_rate: 'hr',
  hrv: 'hrv',
};

function legendRow({ key, reading, usual }: Measure, view: View): HTMLElement {
  const dot = dotOf[key];
  const isCompared = reading && usual && !view.night.main?.provisional;
  return h(
    'div',
    { class: 'legend-row' },
    h('dt', {}, h('span', { class: dot ? `swatch ${dot}` : 'swatch' }), legendTitle[key]),
    h(
      'dd',
      {},
      reading ? figure(reading, view, 'legend-figure') : h('span', { class: 'soft' }, 'no data'),
      isCompared
        ? derived('difference', differenceText(reading.value - usual.middle, reading.unit, view.preferences))
        : null,
    ),
  );
}

/** The four stages as shares of the time in bed, side by side. */
function shareBar(night: Night): Element | null {
  const totals = stageOrder
    .map((stage) => ({
      stage,
      ms: night.charts.reduce(
        (sum, { stages }) =>
          sum + stages.reduce((part, run) => part + (run.stage === stage ? run.end_ms - run.start_ms : 0), 0),
        0,
      ),
    }))
    .reverse();
  const all = totals.reduce((sum, { ms }) => sum + ms, 0);
  if (all === 0) return null;
  let x = 0;
  const parts = totals.map(({ stage, ms }) => {
    const width = (ms / all) * 100;
    const part = s('rect', {
      class: `stage-${stage}`,
      x: x.toFixed(2),
      width: Math.max(0, width - 0.5).toFixed(2),
      height: 6,
    });
    x += width;
    return part;
  });
  return s(
    'svg',
    { class: 'share', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...parts,
  );
}

function otherParts(night: Night, view: View): Child[] {
  const offset = offsetOfNight(view);
  const time = (iso: string) => timeText(Date.parse(iso), offset, view.preferences);
  if (night.others.length === 0) return [];
  const isSplit = night.others.some((other) => other.kind === 'night');
  return [
    isSplit ? h('p', { class: 'small' }, 'A split night: the figures are of its longest part.') : null,
    h(
      'ul',
      { class: 'parts' },
      ...night.others.map((other) =>
        h(
          'li',
          {},
          `${other.kind === 'night' ? 'Other part' : 'Nap'} ${time(other.start)}\u2013${other.end ? time(other.end) : 'now'} `,
          other.duration ? figure(other.duration, view, 'inline') : null,
        ),
      ),
    ),
  ];
}

const momentWords = ({ stage, heartRate, hrv }: NightMoment): string[] => [
  stage ? stageTitle[stage] : 'no stage',
  heartRate === null ? 'heart rate no data' : `${heartRate.value}\u00a0/min`,
  hrv === null ? 'HRV no data' : `${hrv.value}\u00a0ms`,
];

/** How the cursor reads the night; null when there is nothing to read. */
export function nightAxis(view: View, width: number, chart: HTMLElement): CursorAxis | null {
  const { night, preferences } = view;
  const span = nightSpan(night);
  const overlay = chart.querySelector('.cursor-layer');
  const readout = chart.closest('section')?.querySelector('.readout');
  if (!span || !night.main || !overlay || !readout) return null;
  const geometry = nightGeometry(span, width);
  const at = (index: number) => nightAt(night, span.fromMs + index * cursorStepMs);
  const time = ({ atMs }: NightMoment) => timeText(atMs, offsetOfNight(view), preferences);
  const count = Math.floor((span.toMs - span.fromMs - 1) / cursorStepMs) + 1;
  const msPerPx = (span.toMs - span.fromMs) / (geometry.x(span.toMs) - geometry.x(span.fromMs));
  return {
    count,
    page: 6,
    px: (index) => geometry.x(span.fromMs + index * cursorStepMs),
    indexAt: (px) =>
      Math.min(count - 1, Math.max(0, Math.round(((px - geometry.x(span.fromMs)) * msPerPx) / cursorStepMs))),
    show(index) {
      overlay.replaceChildren(...(index === null ? [] : [cursorDrawing(at(index), view, geometry)]));
      readout.textContent = index === null ? '' : [time(at(index)), ...momentWords(at(index))].join(' · ');
    },
    say: (index) => [time(at(index)), ...momentWords(at(index))].join(', '),
  };
}

function cursorDrawing({ atMs, heartRate, hrv }: NightMoment, { night }: View, geometry: NightGeometry): SVGSVGElement {
  const px = geometry.x(atMs);
  const dot = (sample: Sample | null, name: 'heart_rate' | 'hrv', className: string) => {
    const y = laneScale(night, geometry, name);
    return !sample || !y ? null : s('circle', { class: `cursor-dot ${className}`, cx: px, cy: y(sample.value), r: 4 });
  };
  return s(
    'svg',
    { width: geometry.width, height: geometry.height, 'aria-hidden': 'true' },
    s('line', { class: 'cursor-line', x1: px, x2: px, y1: 0, y2: geometry.hrv.bottom + 6 }),
    dot(heartRate, 'heart_rate', 'hr'),
    dot(hrv, 'hrv', 'hrv'),
  );
}

const sourceOfSample = ({ value, startMs }: Sample, metric: string): Attributes => ({
  'data-value': value,
  'data-metric': metric,
  'data-resource': 'sleep',
  'data-start-ms': startMs,
});

/** The same night for a screen reader, in steps of five minutes. Filled only when opened. */
export function nightTable(view: View): HTMLElement {
  const span = view.night.main ? nightSpan(view.night) : null;
  if (!span) return h('table');
  const cell = (sample: Sample | null, metric: string, unit: string) =>
    h('td', {}, sample ? h('span', sourceOfSample(sample, metric), `${sample.value}\u00a0${unit}`) : 'no data');
  return h(
    'table',
    {},
    h('caption', { class: 'sr-only' }, 'Sleep stage, heart rate and HRV every five minutes'),
    h(
      'thead',
      {},
      h('tr', {}, ...['Time', 'Stage', 'Heart rate', 'HRV (rMSSD)'].map((title) => h('th', { scope: 'col' }, title))),
    ),
    h(
      'tbody',
      {},
      ...nightRows(view.night, span).map((row) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, timeText(row.atMs, offsetOfNight(view), view.preferences)),
          h('td', {}, row.stage ? stageTitle[row.stage] : 'no data'),
          cell(row.heartRate, 'heart_rate', '/min'),
          cell(row.hrv, 'heart_rate_variability_rmssd', 'ms'),
        ),
      ),
    ),
  );
}
