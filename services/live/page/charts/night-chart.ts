// The night as three lanes under one another: sleep stages, heart rate, HRV. One time axis for all three; two quantities never share an
// axis of values. Drawn anew for each width. The parts of a split night stand on the same axis with the time between them empty.
import type { Night, Series, SleepChart, StageName } from '../../today/model.ts';
import { type Child, s } from '../element.ts';
import { timeText } from '../format.ts';
import type { Preferences } from '../preferences.ts';
import { stageTitle } from '../words.ts';
import { hourTicks, linePath, roundRange, type Scale, scale } from './scale.ts';

export const stageOrder: readonly StageName[] = ['awake', 'rem', 'light', 'deep'];

export interface NightGeometry {
  width: number;
  height: number;
  x: Scale;
  stageY(stage: StageName): number;
  rowHeight: number;
  heartRate: { top: number; bottom: number };
  hrv: { top: number; bottom: number };
  axisY: number;
}

/** From the first to the last instant of all parts. */
export function nightSpan(night: Night): { fromMs: number; toMs: number } | null {
  const ends = night.charts.flatMap(({ stages, heart_rate, hrv }) => [
    ...stages.flatMap((run) => [run.start_ms, run.end_ms]),
    ...[heart_rate, hrv].flatMap((item) =>
      item ? [item.start_ms, item.start_ms + item.interval_ms * item.values.length] : [],
    ),
  ]);
  for (const period of [night.main, ...night.others]) {
    if (period?.kind !== 'night') continue;
    ends.push(Date.parse(period.start));
    if (period.end) ends.push(Date.parse(period.end));
  }
  return ends.length < 2 ? null : { fromMs: Math.min(...ends), toMs: Math.max(...ends) };
}

export function nightGeometry(span: { fromMs: number; toMs: number }, width: number): NightGeometry {
  const isNarrow = width < 560;
  const gutter = isNarrow ? 48 : 64;
  const rowHeight = isNarrow ? 27 : 37;
  const laneHeight = isNarrow ? 62 : 84;
  const stagesEnd = rowHeight * stageOrder.length + 4;
  const heartRate = { top: stagesEnd + 24, bottom: stagesEnd + 24 + laneHeight };
  const hrv = { top: heartRate.bottom + 26, bottom: heartRate.bottom + 26 + laneHeight };
  return {
    width,
    height: hrv.bottom + 34,
    x: scale(span.fromMs, span.toMs, gutter, width - 8),
    stageY: (stage) => stageOrder.indexOf(stage) * rowHeight + rowHeight / 2 + 2,
    rowHeight,
    heartRate,
    hrv,
    axisY: hrv.bottom + 26,
  };
}

export function nightChart(
  night: Night,
  geometry: NightGeometry,
  offsetMinutes: number,
  preferences: Preferences,
): SVGSVGElement {
  const { width, height, x, axisY } = geometry;
  const labelWidth = preferences.clock === '12' ? 64 : 52;
  const ticks = hourTicks(x, offsetMinutes, labelWidth);
  return s(
    'svg',
    { class: 'night-chart', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    ...ticks.map((at) => s('line', { class: 'grid', x1: x(at), x2: x(at), y1: 2, y2: geometry.hrv.bottom + 6 })),
    ...stageOrder.map((stage) =>
      s('text', { class: 'axis-label', x: 0, y: geometry.stageY(stage) + 4 }, stageTitle[stage]),
    ),
    ...night.charts.map((chart) => stageBars(chart, geometry)),
    ...lane(night, geometry, 'heart_rate'),
    ...lane(night, geometry, 'hrv'),
    ...ticks.map((at) => {
      // Under its line, but never over the edge.
      const place =
        x(at) + labelWidth / 2 > width ? { x: width, 'text-anchor': 'end' } : { x: x(at), 'text-anchor': 'middle' };
      return s('text', { class: 'axis-label', y: axisY, ...place }, timeText(at, offsetMinutes, preferences));
    }),
  );
}

function stageBars({ stages }: SleepChart, { x, stageY, rowHeight }: NightGeometry): SVGGElement {
  const barHeight = rowHeight - 9;
  const joints = stages.slice(1).flatMap((run, index) => {
    const before = stages[index];
    if (!before || before.end_ms !== run.start_ms) return [];
    const at = x(run.start_ms);
    return [s('line', { class: 'joint', x1: at, x2: at, y1: stageY(before.stage), y2: stageY(run.stage) })];
  });
  const bars = stages.map(({ stage, start_ms, end_ms }) =>
    s('rect', {
      class: `stage-${stage}`,
      x: x(start_ms).toFixed(1),
      width: Math.max(1.6, x(end_ms) - x(start_ms)).toFixed(1),
      y: stageY(stage) - barHeight / 2,
      height: barHeight,
      rx: Math.min(4, Math.max(0.8, (x(end_ms) - x(start_ms)) / 3)).toFixed(1),
    }),
  );
  return s('g', {}, ...joints, ...bars);
}

const laneFacts = {
  heart_rate: { title: 'HR', unit: '/min', atLeast: 20, className: 'hr' },
  hrv: { title: 'HRV', unit: 'ms', atLeast: 40, className: 'hrv' },
} as const;
type LaneName = keyof typeof laneFacts;

const valuesOf = (series: Series | null): number[] => series?.values.filter((value) => value !== null) ?? [];

export function laneScale(night: Night, geometry: NightGeometry, name: LaneName): Scale | null {
  const values = night.charts.flatMap((chart) => valuesOf(chart[name]));
  if (values.length === 0) return null;
  const { top, bottom } = name === 'hrv' ? geometry.hrv : geometry.heartRate;
  const { low, high } = roundRange(values, laneFacts[name].atLeast);
  return scale(low, high, bottom, top);
}

function lane(night: Night, geometry: NightGeometry, name: LaneName): Child[] {
  const { top, bottom } = name === 'hrv' ? geometry.hrv : geometry.heartRate;
  const { title, unit, className } = laneFacts[name];
  const middle = (top + bottom) / 2;
  const labels = [
    s('text', { class: 'axis-label strong', x: 0, y: middle - 3 }, title),
    s('text', { class: 'axis-label', x: 0, y: middle + 12 }, unit),
  ];
  const y = laneScale(night, geometry, name);
  const { x } = geometry;
  const from = x(x.from);
  const to = x(x.to);
  if (!y)
    return [
      ...labels,
      s('text', { class: 'axis-label', x: (from + to) / 2, y: middle + 4, 'text-anchor': 'middle' }, 'no data'),
    ];
  const borders = [y.from, y.to].flatMap((value) => [
    s('line', { class: 'rule', x1: from, x2: to, y1: y(value), y2: y(value) }),
    s('text', { class: 'axis-label', x: from - 6, y: y(value) + 4, 'text-anchor': 'end' }, value),
  ]);
  const curves = night.charts.flatMap((chart) => {
    const series = chart[name];
    if (!series) return [];
    const points = series.values.map((value, index) =>
      value === null ? null : { x: x(series.start_ms + index * series.interval_ms), y: y(value) },
    );
    return [
      s('path', { class: `area ${className}`, d: areaPath(points, bottom) }),
      s('path', { class: `curve ${className}`, d: linePath(points) }),
    ];
  });
  return [...labels, ...borders, ...curves];
}

/** The area under each unbroken piece of a line. */
function areaPath(points: readonly ({ x: number; y: number } | null)[], bottom: number): string {
  let path = '';
  let piece: { x: number; y: number }[] = [];
  for (const point of [...points, null]) {
    if (point) piece.push(point);
    else {
      const [first] = piece;
      const last = piece.at(-1);
      if (first && last && first !== last)
        path += `${linePath(piece)}L${last.x.toFixed(1)},${bottom}L${first.x.toFixed(1)},${bottom}Z`;
      piece = [];
    }
  }
  return path;
}
