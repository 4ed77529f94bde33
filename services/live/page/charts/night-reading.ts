// What the night says at one instant: the stage, heart rate and HRV under the cursor, and the rows of the table that stands for the picture.
import type { Night, Series, StageName } from '../../today/model.ts';

export interface Sample {
  value: number;
  /** Where its point stands. */
  startMs: number;
}

export interface NightMoment {
  atMs: number;
  stage: StageName | null;
  heartRate: Sample | null;
  hrv: Sample | null;
}

export const cursorStepMs = 5 * 60_000;

function sampleAt(series: Series | null, atMs: number): Sample | null {
  if (!series) return null;
  const index = Math.round((atMs - series.start_ms) / series.interval_ms);
  const value = series.values[index] ?? null;
  return value === null ? null : { value, startMs: series.start_ms + index * series.interval_ms };
}

export function nightAt(night: Pick<Night, 'charts'>, atMs: number): NightMoment {
  const of = (pick: (chart: Night['charts'][number]) => Sample | null): Sample | null => {
    for (const chart of night.charts) {
      const sample = pick(chart);
      if (sample) return sample;
    }
    return null;
  };
  const run = night.charts.flatMap((chart) => chart.stages).find((item) => item.start_ms <= atMs && atMs < item.end_ms);
  return {
    atMs,
    stage: run?.stage ?? null,
    heartRate: of((chart) => sampleAt(chart.heart_rate, atMs)),
    hrv: of((chart) => sampleAt(chart.hrv, atMs)),
  };
}

export function nightRows(night: Pick<Night, 'charts'>, span: { fromMs: number; toMs: number }): NightMoment[] {
  const rows: NightMoment[] = [];
  for (let atMs = span.fromMs; atMs < span.toMs; atMs += cursorStepMs) rows.push(nightAt(night, atMs));
  return rows;
}
