// Reading the night at one instant: by a cursor through all three lanes, and as a table every five minutes for whoever cannot see the picture.
import type { CursorAxis } from '../charts/chart-cursor.ts';
import { laneScale, type NightGeometry, nightGeometry, nightSpan } from '../charts/night-chart.ts';
import { cursorStepMs, type NightMoment, nightAt, nightRows, type Sample } from '../charts/night-reading.ts';
import { type Attributes, h, s } from '../element.ts';
import { timeText } from '../format.ts';
import { offsetOfNight, type View } from '../view.ts';
import { stageTitle } from '../words.ts';

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
