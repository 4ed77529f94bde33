// The last 28 days of one number as dots on its usual band, the newest one large. A dot out of the band stands out of it; a missing day is
// an empty place, never a line across.
import { s } from '../element.ts';
import { scale } from './scale.ts';

const height = 44;
const inset = 6;

export interface BandDots {
  width: number;
  history: readonly (number | null)[];
  value: number | null;
  usual: { low: number; high: number } | null;
  isOut: boolean;
  label: string;
}

export function bandDots({ width, history, value, usual, isOut, label }: BandDots): SVGSVGElement {
  const known = [...history, value, usual?.low ?? null, usual?.high ?? null].filter((item) => item !== null);
  const y = scale(Math.min(...known), Math.max(...known), height - inset, inset);
  const x = scale(0, history.length, 4, width - 7);
  return s(
    'svg',
    { class: 'band-dots', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    usual
      ? s('rect', {
          class: 'band',
          x: 0,
          width,
          y: y(usual.high) - 1,
          height: Math.max(6, y(usual.low) - y(usual.high) + 2),
          rx: 4,
        })
      : null,
    ...history.map((item, index) =>
      item === null ? null : s('circle', { class: 'dot', cx: x(index).toFixed(1), cy: y(item).toFixed(1), r: 1.9 }),
    ),
    value === null
      ? null
      : s('circle', {
          class: isOut ? 'dot-now out' : 'dot-now',
          cx: x(history.length).toFixed(1),
          cy: y(value).toFixed(1),
          r: 4.5,
        }),
  );
}
