// A person's own usual range: the 10th to 90th percentile of the 28 nights before, none until 14 of them exist. Percentiles, because one
// feverish night must not widen the band and no shape of distribution is assumed. The night itself is never part of what judges it.
import type { Place, Usual } from './model.ts';

export const usualNights = 28;
export const usualNeeds = 14;

/** Linear between the two nearest ranks. `sorted` is ascending and not empty. */
function quantile(sorted: readonly number[], share: number): number {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

export function usualRange(values: readonly (number | null)[]): Usual | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length < usualNeeds) return null;
  return { low: quantile(known, 0.1), high: quantile(known, 0.9), middle: quantile(known, 0.5), nights: known.length };
}

/** On the border is inside. */
export function placeIn(value: number | null, range: Usual | null): Place | null {
  if (value === null || range === null) return null;
  if (value < range.low) return 'below';
  return value > range.high ? 'above' : 'inside';
}
