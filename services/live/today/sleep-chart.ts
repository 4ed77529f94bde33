// The curves of a night from its stored points: runs of sleep stages, and heart rate and HRV at their regular distance with gaps as null.
// Nothing is smoothed and no gap is closed.

import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { placementMs } from '../../storage/metric-store/placement.ts';
import type { Series, SleepChart, StageName } from './model.ts';

const stageOfCode: Readonly<Record<number, StageName>> = { 1: 'deep', 2: 'light', 3: 'rem', 4: 'awake' };
const usualIntervalMs = 5 * 60_000;

/** The commonest distance between neighbours. */
function intervalMs(starts: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const [index, start] of starts.slice(1).entries()) {
    const distance = start - (starts[index] ?? start);
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  const commonest = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  return commonest?.[0] ?? usualIntervalMs;
}

/** Neighbouring points of one stage become one run. */
export function stageRuns(points: readonly StoredPoint[]): SleepChart['stages'] {
  const items = points
    .flatMap((point) => {
      const stage = stageOfCode[point.value];
      return stage ? [{ stage, startMs: placementMs(point.start), end: point.end }] : [];
    })
    .sort((a, b) => a.startMs - b.startMs);
  const step = intervalMs(items.map((item) => item.startMs));
  const runs: SleepChart['stages'] = [];
  for (const { stage, startMs, end } of items) {
    const endMs = end ? placementMs(end) : startMs + step;
    const last = runs.at(-1);
    if (last && last.stage === stage && last.end_ms === startMs) last.end_ms = endMs;
    else runs.push({ stage, start_ms: startMs, end_ms: endMs });
  }
  return runs;
}

export function regularSeries(points: readonly StoredPoint[]): Series | null {
  const first = points[0];
  if (!first) return null;
  const items = points.map((point) => ({ atMs: placementMs(point.start), value: point.value }));
  items.sort((a, b) => a.atMs - b.atMs);
  const step = intervalMs(items.map((item) => item.atMs));
  const startMs = items[0]?.atMs ?? 0;
  const length = Math.round(((items.at(-1)?.atMs ?? startMs) - startMs) / step) + 1;
  const values: (number | null)[] = Array.from({ length }, () => null);
  for (const { atMs, value } of items) values[Math.round((atMs - startMs) / step)] = value;
  return { metric: first.metric, unit: first.unit, start_ms: startMs, interval_ms: step, values };
}

export function sleepChartOf(document: string, points: readonly StoredPoint[]): SleepChart {
  const of = (metric: string) => points.filter((point) => point.document === document && point.metric === metric);
  return {
    document,
    stages: stageRuns(of('sleep_stage')),
    heart_rate: regularSeries(of('heart_rate')),
    hrv: regularSeries(of('heart_rate_variability_rmssd')),
  };
}
