import { expect, test } from '@jest/globals';
import { hourTicks, linePath, roundRange, scale } from './scale.ts';

const hourMs = 3_600_000;

test('a scale maps its ends, and a range without length to the middle', () => {
  expect([scale(0, 10, 100, 0)(0), scale(0, 10, 100, 0)(10), scale(5, 5, 0, 10)(5)]).toEqual([100, 0, 5]);
});

test.each([
  [[46, 64], 20, { low: 45, high: 65 }],
  [[60, 61], 20, { low: 50, high: 75 }],
  [[31, 88], 40, { low: 30, high: 90 }],
])('the round range around %j', (values, atLeast, expected) => {
  expect(roundRange(values, atLeast)).toEqual(expected);
});

test('ticks are full hours of the wearer, fewer where there is less room', () => {
  const fromMs = Date.parse('2026-11-22T17:20:00Z');
  const x = scale(fromMs, fromMs + 8 * hourMs, 0, 400);
  const wearerHours = (minPx: number) =>
    hourTicks(x, 330, minPx).map((at) => new Date(at + 330 * 60_000).toISOString().slice(11, 16));
  expect(wearerHours(50)).toEqual(['23:00', '00:00', '01:00', '02:00', '03:00', '04:00', '05:00', '06:00']);
  expect(wearerHours(90)).toEqual(['00:00', '02:00', '04:00', '06:00']);
});

test('a line breaks at a gap, and a lone value is still seen', () => {
  expect(linePath([{ x: 0, y: 1 }, { x: 1, y: 2 }, null, { x: 3, y: 4 }])).toBe('M0.0,1.0L1.0,2.0M3.0,4.0h0.01');
});
