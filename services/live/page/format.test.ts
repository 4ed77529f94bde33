import { expect, test } from '@jest/globals';
import {
  ageText,
  agoText,
  dateText,
  differenceText,
  durationText,
  latencyText,
  momentText,
  rangeText,
  shown,
  timeText,
  zoneText,
} from './format.ts';

const metric = { units: 'metric' } as const;
const imperial = { units: 'imperial' } as const;

test.each([
  [1.2, 'K', metric, '+1.2', '°C'],
  [-0.4, 'K', metric, '−0.4', '°C'],
  [0, 'K', metric, '0.0', '°C'],
  [1, 'K', imperial, '+1.8', '°F'],
  [9000, 'm', metric, '9.0', 'km'],
  [1609.344, 'm', imperial, '1.0', 'mi'],
  [26_760, 's', metric, '7\u00a0h 26\u00a0min', ''],
  [12_345, '{steps}', metric, '12,345', 'steps'],
  [74, '{score}', metric, '74', ''],
  [53.75, '/min', metric, '53.8', '/min'],
] as const)('%s %s is shown as it is read', (value, unit, preferences, text, name) => {
  expect(shown(value, unit, preferences)).toEqual({ text, unit: name });
});

test.each([
  [0, '0\u00a0min'],
  [59 * 60, '59\u00a0min'],
  [3600, '1\u00a0h 00\u00a0min'],
  [7 * 3600 + 29, '7\u00a0h 00\u00a0min'],
])('%s seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('differences carry their sign, a true minus among them', () => {
  expect(differenceText(720, 's', metric)).toBe('+12\u00a0min');
  expect(differenceText(-540, 's', metric)).toBe('−9\u00a0min');
  expect(differenceText(-1.54, '/min', metric)).toBe('−1.5');
  expect(differenceText(0.5, 'K', metric)).toBe('+0.5');
});

test('a range with signs is in words, so that a dash is never taken for a minus', () => {
  expect(rangeText(45, 51, '/min', metric)).toBe('45–51');
  expect(rangeText(-0.4, 0.5, 'K', metric)).toBe('−0.4 to +0.5');
  expect(rangeText(82, 82, '{score}', metric)).toBe('82');
});

const atMs = Date.parse('2026-11-22T23:05:00Z');

test.each([
  [60, '24', '00:05'],
  [60, '12', '12:05\u00a0am'],
  [-480, '12', '3:05\u00a0pm'],
  [330, '24', '04:35'],
] as const)('%s minutes east of UTC, %s hours: %s', (offsetMinutes, clock, text) => {
  expect(timeText(atMs, offsetMinutes, { clock })).toBe(text);
});

test('a moment of another day carries its date', () => {
  const preferences = { clock: '24', units: 'metric', theme: 'system' } as const;
  expect(momentText(atMs, { offsetMinutes: 60, today: '2026-11-23', preferences })).toBe('00:05');
  expect(momentText(atMs, { offsetMinutes: 0, today: '2026-11-23', preferences })).toBe('22 Nov, 23:05');
});

test('dates, zones, ages and latencies', () => {
  expect(dateText('2026-11-22', 'short')).toBe('Sun 22 Nov');
  expect([zoneText(0), zoneText(60), zoneText(-210), zoneText(345)]).toEqual(['UTC', 'UTC+1', 'UTC−3:30', 'UTC+5:45']);
  expect([ageText(-5), ageText(59_000), ageText(3_599_000), ageText(86_400_000)]).toEqual([
    '0\u00a0s',
    '59\u00a0s',
    '59\u00a0min',
    '1\u00a0d',
  ]);
  expect([latencyText(84), latencyText(1960)]).toEqual(['84\u00a0ms', '2.0\u00a0s']);
});

test('an age is one piece that never breaks', () => {
  expect(agoText(4 * 3_600_000)).toBe('4\u00a0h\u00a0ago');
});
