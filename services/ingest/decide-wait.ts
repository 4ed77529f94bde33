// How long to wait before asking again: doubling from a first wait up to a longest, spread by a tenth to either side so that those who
// failed together do not come back together. Pure: chance is handed in.

export interface Waits {
  firstMs: number;
  longestMs: number;
}

/** @param count failures before this one  @param chance in [0, 1) */
export const backoffMs = ({ firstMs, longestMs }: Waits, count: number, chance: number): number =>
  spreadMs(Math.min(firstMs * 2 ** Math.min(count, 30), longestMs), chance);

export const spreadMs = (ms: number, chance: number): number => Math.round(ms * (0.9 + 0.2 * chance));
