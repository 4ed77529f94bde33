import { expect, test } from '@jest/globals';
import type { Night } from '../../today/model.ts';
import { nightAt, nightRows } from './night-reading.ts';

const t0 = Date.parse('2026-11-22T22:00:00Z');
const minuteMs = 60_000;
const night: Pick<Night, 'charts'> = {
  charts: [
    {
      document: 'sleep/a',
      stages: [
        { stage: 'light', start_ms: t0, end_ms: t0 + 5 * minuteMs },
        { stage: 'deep', start_ms: t0 + 5 * minuteMs, end_ms: t0 + 10 * minuteMs },
      ],
      heart_rate: {
        metric: 'heart_rate',
        unit: '/min',
        start_ms: t0,
        interval_ms: 5 * minuteMs,
        values: [60, null, 55],
      },
      hrv: null,
    },
  ],
};

test('the cursor reads what stands at its instant, and a gap as no data', () => {
  expect(nightAt(night, t0)).toMatchObject({ stage: 'light', heartRate: { value: 60, startMs: t0 }, hrv: null });
  expect(nightAt(night, t0 + 5 * minuteMs)).toMatchObject({ stage: 'deep', heartRate: null });
  expect(nightAt(night, t0 + 10 * minuteMs)).toMatchObject({ stage: null, heartRate: { value: 55 } });
});

test('the table has a row for every five minutes', () => {
  expect(nightRows(night, { fromMs: t0, toMs: t0 + 15 * minuteMs }).map(({ atMs }) => (atMs - t0) / minuteMs)).toEqual([
    0, 5, 10,
  ]);
});
