// One sleep period: a night, a part of a split night or a nap; types `deleted` and `rest` are no sleep. Durations are seconds, HRV is rMSSD in
// ms. A lowest heart rate of 255 and an average of 0.0 mean none.
import { z } from 'zod';
import { number, ouraDay, sample, word } from './parts.ts';

export const sleep = z.object({
  day: ouraDay.nullish(),
  type: word,
  bedtime_start: z.string(),
  /** Null while the night lasts, though the specification requires it. */
  bedtime_end: word,
  sleep_algorithm_version: word,
  sleep_phase_30_sec: word,
  sleep_phase_5_min: word,
  movement_30_sec: word,
  heart_rate: sample,
  hrv: sample,
  total_sleep_duration: number,
  deep_sleep_duration: number,
  light_sleep_duration: number,
  rem_sleep_duration: number,
  awake_time: number,
  time_in_bed: number,
  latency: number,
  efficiency: number,
  restless_periods: number,
  average_heart_rate: number,
  lowest_heart_rate: number,
  average_hrv: number,
  average_breath: number,
  sleep_score_delta: number,
  readiness_score_delta: number,
});
