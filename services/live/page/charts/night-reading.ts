// What the night says at one instant: the stage, heart rate and HRV under the cursor, and the rows of the table that stands for the picture.
import type { Night, Series, StageName } from '../../today/model.ts';

export interface NightMoment {
  atMs: number;
  stage: StageName | null;
  heartRate: number | null;
  hrv: number | null;
}

export const cursorStepMs = 5 * 60_000;

function valueAt(series: Series | null, atMs: number): number | null {
  if (!series) return null;
  return series.values[Math.round((atMs - series.start_ms) / series.interval_ms)] ?? null;
}

export function nightAt(night: Night, atMs: number): NightMoment {
  const of = (pick: (chart: Night['charts'][number]) => number | null): number | null => {
    for (const chart of night.charts) {
      const value = pick(chart);
      if (value !== null) return value;
    }
    return null;
  };
  const run = night.charts.flatMap((chart) => chart.stages).find((item) => item.start_ms <= atMs && atMs < item.end_ms);
  return {
    atMs,
    stage: run?.stage ?? null,
    heartRate: of((chart) => valueAt(chart.heart_rate, atMs)),
    hrv: of((chart) => valueAt(chart.hrv, atMs)),
  };
}

export function nightRows(night: Night, span: { fromMs: number; toMs: number }): NightMoment[] {
  const rows: NightMoment[] = [];
  for (let atMs = span.fromMs; atMs < span.toMs; atMs += cursorStepMs) rows.push(nightAt(night, atMs));
  return rows;
}
