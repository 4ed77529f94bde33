import { expect, test } from '@jest/globals';
import { pointOf } from './example-ring.ts';
import { regularSeries, stageRuns } from './sleep-chart.ts';

const at = (minutes: number) => new Date(Date.parse('2026-11-22T22:00:00Z') + minutes * 60_000).toISOString();
const stage = (minutes: number, value: number, lasts = 5) =>
  pointOf({ resource: 'sleep', metric: 'sleep_stage', start: at(minutes), end: at(minutes + lasts), value });
const heart = (minutes: number, value: number) =>
  pointOf({ resource: 'sleep', metric: 'heart_rate', start: at(minutes), value, unit: '/min' });
const ms = (minutes: number) => Date.parse(at(minutes));

test('neighbours of one stage become one run, others do not', () => {
  expect(stageRuns([stage(0, 4), stage(5, 4), stage(10, 1), stage(20, 1)])).toEqual([
    { stage: 'awake', start_ms: ms(0), end_ms: ms(10) },
    { stage: 'deep', start_ms: ms(10), end_ms: ms(15) },
    { stage: 'deep', start_ms: ms(20), end_ms: ms(25) },
  ]);
});

test('runs come in order of time however they are stored, and unknown codes are left out', () => {
  expect(stageRuns([stage(10, 3), stage(0, 2, 10), stage(15, 9)]).map((run) => run.stage)).toEqual(['light', 'rem']);
});

test('a series keeps its gaps as null', () => {
  const series = regularSeries([heart(0, 60), heart(5, 58), heart(20, 55), heart(25, 54)]);
  expect(series).toEqual({
    metric: 'heart_rate',
    unit: '/min',
    start_ms: ms(0),
    interval_ms: 300_000,
    values: [60, 58, null, null, 55, 54],
  });
});

test('no points are no series', () => {
  expect(regularSeries([])).toBeNull();
});
