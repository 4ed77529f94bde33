// Straight scales and round ticks for all charts. Pure.

export interface Scale {
  (value: number): number;
  readonly from: number;
  readonly to: number;
}

/** Maps [from, to] to [start, end]; a range without length maps to the middle. */
export function scale(from: number, to: number, start: number, end: number): Scale {
  const length = to - from;
  const at = (value: number) => (length === 0 ? (start + end) / 2 : start + ((value - from) / length) * (end - start));
  return Object.assign(at, { from, to });
}

const roundSteps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500];

/** The smallest round range around the values, never narrower than `atLeast`. */
export function roundRange(values: readonly number[], atLeast: number): { low: number; high: number } {
  const min = Math.min(...values);
  const max = Math.max(...values);
  const middle = (min + max) / 2;
  const from = Math.min(min, middle - atLeast / 2);
  const to = Math.max(max, middle + atLeast / 2);
  const step = roundSteps.find((size) => size >= (to - from) / 6) ?? 1000;
  return { low: Math.floor(from / step) * step, high: Math.ceil(to / step) * step };
}

const hourMs = 3_600_000;
const hourSteps = [1, 2, 3, 4, 6];

/** Full hours of the wearer's clock between two instants, as many as fit with `minDistancePx` between them. */
export function hourTicks(x: Scale, offsetMinutes: number, minDistancePx: number): number[] {
  const pxPerHour = Math.abs(x(x.from + hourMs) - x(x.from));
  const stepMs = (hourSteps.find((hours) => hours * pxPerHour >= minDistancePx) ?? 12) * hourMs;
  const offsetMs = offsetMinutes * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((x.from + offsetMs) / stepMs) * stepMs - offsetMs; at <= x.to; at += stepMs) ticks.push(at);
  return ticks;
}

/** Path data of a line that breaks at gaps. A lone value between gaps becomes a dot-sized stroke. */
export function linePath(points: readonly ({ x: number; y: number } | null)[]): string {
  let path = '';
  let isDown = false;
  for (const [index, point] of points.entries()) {
    if (!point) {
      isDown = false;
      continue;
    }
    const at = `${point.x.toFixed(1)},${point.y.toFixed(1)}`;
    path += isDown ? `L${at}` : `M${at}`;
    if (!isDown && !points[index + 1]) path += 'h0.01';
    isDown = true;
  }
  return path;
}
