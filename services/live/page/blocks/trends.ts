// Thirty days of readiness, sleep and activity, with one cursor through the three lanes and a table of the same.
import type { CursorAxis } from '../charts/chart-cursor.ts';
import { trendChart, trendGeometry } from '../charts/trend-chart.ts';
import { h, s } from '../element.ts';
import { dateText } from '../format.ts';
import { dayFigure, type View } from '../view.ts';
import { scoreTitle } from '../words.ts';

export const trendsPicture = ({ today }: View, width: number): HTMLElement =>
  h('div', { class: 'chart-picture' }, trendChart(today.trends, trendGeometry(today.trends, width)));

export function trendsAxis({ today: { trends } }: View, width: number, chart: HTMLElement): CursorAxis | null {
  const overlay = chart.querySelector('.cursor-layer');
  const readout = chart.closest('section')?.querySelector('.readout');
  if (!overlay || !readout || trends.days.length === 0) return null;
  const { x, height } = trendGeometry(trends, width);
  const words = (index: number): string[] => [
    dateText(trends.days[index] ?? '', 'short'),
    ...trends.lines.map(({ name, points }) => `${scoreTitle[name]} ${points[index]?.value ?? 'no data'}`),
  ];
  const count = trends.days.length;
  const step = (x(x.to) - x(x.from)) / Math.max(1, count - 1);
  return {
    count,
    page: 7,
    px: x,
    indexAt: (px) => Math.min(count - 1, Math.max(0, Math.round((px - x(x.from)) / step))),
    show(index) {
      const line = (at: number) =>
        s(
          'svg',
          { width, height, 'aria-hidden': 'true' },
          s('line', { class: 'cursor-line', x1: x(at), x2: x(at), y1: 0, y2: height - 22 }),
        );
      overlay.replaceChildren(...(index === null ? [] : [line(index)]));
      readout.textContent = index === null ? '' : words(index).join(' · ');
    },
    say: (index) => words(index).join(', '),
  };
}

const metricOf = { readiness: 'score_readiness', sleep: 'score_sleep', activity: 'score_activity' } as const;
const resourceOf = { readiness: 'daily_readiness', sleep: 'daily_sleep', activity: 'daily_activity' } as const;

export function trendsTable(view: View): HTMLElement {
  const { days, lines } = view.today.trends;
  return h(
    'table',
    {},
    h('caption', { class: 'sr-only' }, 'Readiness, sleep and activity scores of 30 days, of 100'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['Day', ...lines.map(({ name }) => scoreTitle[name])].map((title) => h('th', { scope: 'col' }, title)),
      ),
    ),
    h(
      'tbody',
      {},
      ...days
        .map((day, index) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, dateText(day, 'short')),
            ...lines.map(({ name, points }) => {
              const value = points[index]?.value ?? null;
              const from = { metric: metricOf[name], resource: resourceOf[name], unit: '{score}', day };
              return h('td', {}, value === null ? 'no data' : dayFigure(value, from, view));
            }),
          ),
        )
        .reverse(),
    ),
  );
}
