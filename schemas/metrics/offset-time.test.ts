import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, formatOffsetTime, parseOffsetTime } from './offset-time.ts';

test.each([
  ['2026-11-22T23:11:30+02:00', Date.UTC(2026, 10, 22, 21, 11, 30), 120],
  ['2026-11-22T04:00:00.000-07:00', Date.UTC(2026, 10, 22, 11), -420],
  ['2026-11-22T04:00:00.250+05:45', Date.UTC(2026, 10, 21, 22, 15, 0, 250), 345],
  ['2026-11-22T04:00:00+00:00', Date.UTC(2026, 10, 22, 4), 0],
  ['2026-11-22T04:00:00Z', Date.UTC(2026, 10, 22, 4), null],
])('%s is read with its offset', (text, ms, offsetMinutes) => {
  expect(parseOffsetTime(text)).toEqual({ ms, offsetMinutes });
});

test.each(['2026-11-22', '2026-11-22T04:00:00', '2026-11-22T25:00:00Z', 'yesterday', '2026-11-22T04:00:00+0200', ''])(
  '%s is no instant',
  (text) => expect(parseOffsetTime(text)).toBeUndefined(),
);

test('writing and reading an instant is the identity', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.option(fc.integer({ min: -14 * 4, max: 14 * 4 }).map((quarters) => quarters * 15)),
      (ms, offsetMinutes) => {
        expect(parseOffsetTime(formatOffsetTime(ms, offsetMinutes))).toEqual({ ms, offsetMinutes });
      },
    ),
  );
});

test('a date moves over months and leap days', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});
