// Thirty days of three scores, a lane each: a dot is a day, the line the mean of seven, the shade the usual range. A missing day is said in
// words in its place; the line stops there. All lanes share the days and one scale, so they can be compared.
import type { Trend, Trends } from '../../today/model.ts';
import { type Child, s } from '../element.ts';
import { dateText } from '../format.ts';
import { scoreTitle } from '../words.ts';
import { linePath, type Scale, scale } from './scale.ts';

const wordsHeight = 26;

export interface TrendGeometry {
  width: number;
  height: number;
  x: Scale;
  laneTop(index: number): number;
  laneHeight: number;
  y(index: number): Scale;
}

export function trendGeometry({ days, lines }: Trends, width: number): TrendGeometry {
  const isNarrow = width < 480;
  const gutter = isNarrow ? 6 : 92;
  const titleHeight = isNarrow ? 22 : 0;
  const laneHeight = isNarrow ? 76 : 84;
  const distance = laneHeight + titleHeight + 14;
  const values = lines.flatMap((line) => [
    ...line.points.flatMap(({ value }) => value ?? []),
    ...(line.usual ? [line.usual.low, line.usual.high] : []),
  ]);
  const low = Math.min(60, ...values);
  const high = Math.max(90, ...values);
  const laneTop = (index: number) => index * distance + titleHeight + 4;
  return {
    width,
    height: lines.length * distance + 26,
    x: scale(0, days.length - 1, gutter + 6, width - 10),
    laneTop,
    laneHeight,
    // Below the lowest dot is room for the words of a missing day.
    y: (index) => scale(low, high, laneTop(index) + laneHeight - wordsHeight, laneTop(index) + 6),
  };
}

export function trendChart(trends: Trends, geometry: TrendGeometry): SVGSVGElement {
  const { width, height, x } = geometry;
  const isNarrow = width < 480;
  const every = Math.ceil(trends.days.length / Math.max(2, Math.floor((x(x.to) - x(x.from)) / (isNarrow ? 74 : 96))));
  return s(
    'svg',
    { class: 'trend-chart', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    ...trends.lines.flatMap((line, index) => lane(line, index, geometry, isNarrow)),
    ...trends.days.flatMap((day, index) =>
      (trends.days.length - 1 - index) % every === 0
        ? [
            s(
              'text',
              { class: 'axis-label', x: x(index), y: height - 5, 'text-anchor': anchorAt(index, trends.days.length) },
              dateText(day),
            ),
          ]
        : [],
    ),
  );
}

const anchorAt = (index: number, count: number): string =>
  index === 0 ? 'start' : index === count - 1 ? 'end' : 'middle';

function lane(line: Trend, index: number, geometry: TrendGeometry, isNarrow: boolean): Child[] {
  const { x, width, laneHeight } = geometry;
  const y = geometry.y(index);
  const top = geometry.laneTop(index);
  const { usual } = line;
  const left = x(x.from) - 8;
  const dots = line.points.map(({ value }, day) => {
    if (value === null) return null;
    const isOut = usual !== null && (value < usual.low || value > usual.high);
    return s('circle', { class: isOut ? 'dot out' : 'dot', cx: x(day).toFixed(1), cy: y(value).toFixed(1), r: 2.4 });
  });
  const mean = line.mean_7.map((value, day) =>
    value === null || line.points[day]?.value == null ? null : { x: x(day), y: y(value) },
  );
  return [
    s('text', { class: 'lane-title', x: 0, y: isNarrow ? top - 7 : top + laneHeight / 2 + 4 }, scoreTitle[line.name]),
    s('rect', { class: 'lane', x: left, width: width - left, y: top, height: laneHeight, rx: 6 }),
    usual
      ? s('rect', {
          class: 'band',
          x: left,
          width: width - left,
          y: y(usual.high),
          height: Math.max(4, y(usual.low) - y(usual.high)),
          rx: 3,
        })
      : null,
    ...missing(line, geometry, top),
    s('path', { class: `mean ${line.name}`, d: linePath(mean) }),
    ...dots,
  ];
}

const wordsPx = 50;

/** A tick for each missing day, and the words once for days that stand close together. */
function missing(line: Trend, { x, laneHeight }: TrendGeometry, top: number): Child[] {
  const bottom = top + laneHeight;
  const days = line.points.flatMap(({ value }, day) => (value === null ? [day] : []));
  const groups: number[][] = [];
  for (const day of days) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (last && first !== undefined && x(day) - x(first) < wordsPx) last.push(day);
    else groups.push([day]);
  }
  const words = groups.map((group) => {
    const middle = (x(group[0] ?? 0) + x(group.at(-1) ?? 0)) / 2;
    const at = Math.min(Math.max(middle, x(x.from) + wordsPx / 2), x(x.to) - wordsPx / 2 + 8);
    return s('text', { class: 'no-data', x: at, y: bottom - 5, 'text-anchor': 'middle' }, 'no data');
  });
  const ticks = days.map((day) =>
    s('line', { class: 'missing', x1: x(day), x2: x(day), y1: bottom - 17, y2: bottom - wordsHeight + 3 }),
  );
  return [...ticks, ...words];
}
