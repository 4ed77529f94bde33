// Scores and contributors, 1–100, from what was measured and the hidden state of the day. Oura's formulas are not public; these
// are plausible and monotonic: a short, restless or feverish night scores lower.

import { dayState } from './day-state.ts';
import { drawFor, type Life, occursOn } from './life.ts';

export const score = (value: number): number => Math.max(1, Math.min(100, Math.round(value)));

/** Piecewise linear between points of (measured, score). */
export function scale(value: number, points: readonly (readonly [number, number])[]): number {
  for (const [index, [x, y]] of points.entries()) {
    const [beforeX, beforeY] = points[index - 1] ?? [x, y];
    if (value <= x)
      return index === 0 ? score(y) : score(beforeY + ((y - beforeY) * (value - beforeX)) / (x - beforeX));
  }
  return score(points.at(-1)?.[1] ?? 50);
}

/** What a night says, summed over the periods that count. */
export interface SleepFacts {
  totalS: number;
  deepS: number;
  remS: number;
  efficiency: number;
  latencyS: number;
  restlessPeriods: number;
  lowestHeartRateBpm: number | null;
  averageRmssdMs: number | null;
}

/** A small change of mind: scores settle for a day or two. */
const settle = (life: Life, day: number, revision: number, salt: number): number =>
  revision === 0 ? 0 : drawFor(life, 'settle', day, salt).integer(1, 3) * (salt % 2 === 0 ? 1 : -1);

export function sleepScore(life: Life, day: number, facts: SleepFacts, revision: number) {
  const draw = drawFor(life, 'sleep-score', day);
  const contributors = {
    deep_sleep: scale(facts.deepS / 60, [
      [0, 1],
      [30, 45],
      [60, 80],
      [90, 97],
      [120, 100],
    ]),
    efficiency: scale(facts.efficiency, [
      [40, 1],
      [70, 45],
      [85, 80],
      [95, 98],
      [100, 100],
    ]),
    latency: scale(facts.latencyS / 60, [
      [0, 60],
      [5, 85],
      [15, 98],
      [30, 70],
      [60, 25],
      [120, 1],
    ]),
    rem_sleep: scale(facts.remS / 60, [
      [0, 1],
      [45, 40],
      [90, 85],
      [120, 98],
      [150, 100],
    ]),
    restfulness: score(96 - facts.restlessPeriods * 0.45 + draw.normal(0, 4) + settle(life, day, revision, 1)),
    timing: score(92 + draw.normal(0, 9)),
    total_sleep: scale(facts.totalS / 3600, [
      [2, 1],
      [4, 25],
      [6, 62],
      [7, 80],
      [8, 94],
      [9, 100],
    ]),
  };
  const total =
    contributors.total_sleep * 0.35 +
    contributors.restfulness * 0.15 +
    (contributors.deep_sleep + contributors.rem_sleep + contributors.efficiency) * 0.1 +
    (contributors.latency + contributors.timing) * 0.1;
  return { contributors, score: score(total + settle(life, day, revision, 2)) };
}

export function readinessScore(life: Life, day: number, facts: SleepFacts, revision: number) {
  const state = dayState(life, day);
  const before = dayState(life, day - 1);
  const draw = drawFor(life, 'readiness', day);
  const isOutOfRange = occursOn(life, 'contributorsOutOfRange', day);
  const { person } = life;
  const lowest = facts.lowestHeartRateBpm;
  const contributors = {
    activity_balance: score(82 - Math.abs(before.load) * 8 + draw.normal(0, 5)),
    body_temperature: isOutOfRange
      ? 0
      : scale(Math.abs(state.temperatureDeviation), [
          [0, 98],
          [0.3, 90],
          [0.7, 62],
          [1.2, 22],
          [2, 1],
        ]),
    hrv_balance: score(78 + state.recovery * 13),
    previous_day_activity: score(84 - before.load * 6 + draw.normal(0, 5)),
    previous_night: sleepScore(life, day, facts, 0).score,
    recovery_index: isOutOfRange ? 0 : score(80 + state.recovery * 10 + draw.normal(0, 8)),
    resting_heart_rate:
      lowest === null
        ? null
        : scale(lowest - person.restingHeartRateBpm, [
            [-4, 100],
            [0, 92],
            [4, 70],
            [8, 30],
            [14, 1],
          ]),
    sleep_balance: score(80 + state.recovery * 6 + draw.normal(0, 4) + settle(life, day, revision, 3)),
    sleep_regularity: score(82 + draw.normal(0, 8)),
  };
  const total =
    contributors.previous_night * 0.25 +
    contributors.hrv_balance * 0.15 +
    (contributors.resting_heart_rate ?? 70) * 0.15 +
    contributors.body_temperature * 0.15 +
    contributors.recovery_index * 0.1 +
    (contributors.sleep_balance + contributors.activity_balance + contributors.previous_day_activity) * 0.05 +
    contributors.sleep_regularity * 0.05;
  return {
    contributors,
    score: score(total + settle(life, day, revision, 4)),
    temperature_deviation: Math.round(state.temperatureDeviation * 100) / 100,
    temperature_trend_deviation: Math.round(state.temperatureTrend * 100) / 100,
  };
}
