// The numbers of the main sleep beside its picture, each against the middle of the usual range; the other parts of a split night and naps by
// their own totals. A provisional night is not compared.
import type { Measure, Night } from '../../today/model.ts';
import { stageOrder } from '../charts/night-chart.ts';
import { type Child, h, s } from '../element.ts';
import { differenceText, timeText } from '../format.ts';
import { derived, figure, offsetOfNight, type View } from '../view.ts';
import { legendTitle } from '../words.ts';

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
