// A score from 0 to 100 as an arc of 270°, with the person's usual range as a thin arc outside of it. Says in words what it shows.
import { s } from '../element.ts';

const size = 104;
const centre = size / 2;
const startAngle = 135;
const sweep = 270;

function arc(fromShare: number, toShare: number, radius: number): string {
  const point = (share: number) => {
    const angle = ((startAngle + sweep * share) * Math.PI) / 180;
    return `${(centre + radius * Math.cos(angle)).toFixed(2)} ${(centre + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const isLarge = (toShare - fromShare) * sweep > 180 ? 1 : 0;
  return `M${point(fromShare)}A${radius} ${radius} 0 ${isLarge} 1 ${point(toShare)}`;
}

const share = (value: number) => Math.min(1, Math.max(0, value / 100));

export interface Gauge {
  value: number | null;
  usual: { low: number; high: number } | null;
  label: string;
  /** Names the colour. */
  tone: string;
}

export function gauge({ value, usual, label, tone }: Gauge): SVGSVGElement {
  return s(
    'svg',
    { class: `gauge tone-${tone}`, viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label },
    s('path', { class: 'gauge-track', d: arc(0, 1, 42) }),
    usual ? s('path', { class: 'gauge-usual', d: arc(share(usual.low), share(usual.high), 50) }) : null,
    value !== null ? s('path', { class: 'gauge-value', d: arc(0, Math.max(0.004, share(value)), 42) }) : null,
  );
}
