// What the simulator makes, summed over months, against what a real ring showed.

import { expect, test } from '@jest/globals';
import { utcOffsetS } from '../local-time.ts';
import { FIRST_DAY, lifeWith } from '../testing/life.ts';
import { activitySeries } from './activity-series.ts';
import {
  activityShare,
  activityTransition,
  hypnogramLength,
  metByHour,
  metQuantiles,
  movementShare,
  stageShare,
  stageShareByDecile,
} from './calibration.ts';
import { measureNight } from './night.ts';
import { sleepPeriods } from './sleep-plan.ts';

const days = Array.from({ length: 240 }, (_, index) => FIRST_DAY + index);
const shares = (counts: readonly number[]): number[] => {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => count / sum);
};
const bump = (counts: number[], index: number, by = 1): void => {
  counts[index] = (counts[index] ?? 0) + by;
};
const farthest = (made: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((value, index) => Math.abs((made[index] ?? 0) - value)));

const life = lifeWith({}, { chronotype: 'early' });
const nights = days.flatMap((day) => sleepPeriods(life, day)).map((period) => measureNight(life, period));
const series = days.map((day) => activitySeries(life, day));

test('stages have the calibrated shares in every tenth of the night', () => {
  const whole = [0, 0, 0, 0];
  const tenths = stageShareByDecile.map(() => [0, 0, 0, 0]);
  for (const { stages } of nights) {
    for (const [index, digit] of [...stages.coarse].entries()) {
      bump(whole, Number(digit) - 1);
      bump(tenths[Math.floor((index * 10) / stages.coarse.length)] ?? [], Number(digit) - 1);
    }
  }
  expect(farthest(shares(whole), stageShare)).toBeLessThan(0.03);
  for (const [index, expected] of stageShareByDecile.entries()) {
    expect(farthest(shares(tenths[index] ?? []), expected)).toBeLessThan(0.08);
  }
});

test('nights are as long as calibrated and never longer than the longest', () => {
  const lengths = nights.map(({ stages }) => stages.coarse.length).sort((a, b) => a - b);
  const at = (share: number): number => lengths[Math.floor(share * (lengths.length - 1))] ?? 0;
  for (const [share, chars] of hypnogramLength.slice(1, 4)) expect(Math.abs(at(share) - chars)).toBeLessThan(9);
  expect(lengths.at(-1)).toBeLessThanOrEqual(137);
});

test('movement is as calibrated, ten steps to each of the hypnogram', () => {
  const counts = [0, 0, 0, 0];
  for (const { movement } of nights) for (const digit of movement) bump(counts, Number(digit) - 1);
  expect(farthest(shares(counts), movementShare)).toBeLessThan(0.02);
  for (const { movement, stages } of nights) expect(Math.ceil(movement.length / 10)).toBe(stages.coarse.length);
});

test('classes of activity have the calibrated shares and transitions', () => {
  const counts = [0, 0, 0, 0, 0, 0];
  const steps = activityTransition.map(() => [0, 0, 0, 0, 0, 0]);
  for (const { classes } of series) {
    for (const [index, kind] of classes.entries()) {
      bump(counts, kind);
      if (index > 0) bump(steps[classes[index - 1] ?? 0] ?? [], kind);
    }
  }
  expect(farthest(shares(counts), activityShare)).toBeLessThan(0.05);
  for (const kind of [1, 2, 3])
    expect(farthest(shares(steps[kind] ?? []), activityTransition[kind] ?? [])).toBeLessThan(0.06);
});

test('MET has the calibrated quantiles, and its rhythm over the waking day', () => {
  const all = series.flatMap(({ met }) => met).sort((a, b) => a - b);
  for (const [share, met] of metQuantiles) {
    expect(Math.abs((all[Math.floor(share * all.length)] ?? 0) - met) / met).toBeLessThan(0.2);
  }
  const sums = metByHour.map(() => ({ met: 0, minutes: 0 }));
  for (const { startMs, met } of series) {
    for (const [minute, value] of met.entries()) {
      const atMs = startMs + minute * 60_000;
      const sum = sums[Math.floor((atMs / 1000 + utcOffsetS('Europe/Berlin', atMs)) / 3600) % 24];
      if (sum === undefined) continue;
      sum.met += value;
      sum.minutes += 1;
    }
  }
  for (const hour of [0, 1, 2, 3, 8, 9, 12, 13, 14, 15, 16, 19, 20, 22, 23]) {
    const { met, minutes } = sums[hour] ?? { met: 0, minutes: 1 };
    expect(Math.abs(met / minutes - (metByHour[hour] ?? 0))).toBeLessThan(0.3);
  }
});

test('an ordinary day has thousands of steps, a sleeping heart beats 36 to 119 times a minute', () => {
  const steps = series.map((day) => day.steps.reduce((sum, value) => sum + value, 0)).sort((a, b) => a - b);
  expect(steps[Math.floor(steps.length / 2)]).toBeGreaterThan(5000);
  expect(steps[Math.floor(steps.length / 2)]).toBeLessThan(14_000);
  const beats = nights.flatMap(({ heartRateBpm }) => heartRateBpm.filter((bpm) => bpm !== null));
  const rmssd = nights.flatMap(({ rmssdMs }) => rmssdMs.filter((value) => value !== null));
  expect([
    Math.min(...beats) > 35,
    Math.max(...beats) < 120,
    Math.min(...rmssd) >= 5,
    Math.max(...rmssd) < 300,
  ]).toEqual([true, true, true, true]);
});
