import { expect, test } from '@jest/globals';
import { placementMs, utcOffsetMinutes } from './placement.ts';

test('a civil day stands at noon UTC, an instant where it is', () => {
  expect(placementMs('2026-11-22')).toBe(Date.UTC(2026, 10, 22, 12));
  expect(placementMs('2026-11-22T04:00:00-07:00')).toBe(Date.UTC(2026, 10, 22, 11));
});

test.each([
  ['2026-11-22T04:00:00-07:00', -420],
  ['2026-11-22T04:00:00+05:45', 345],
  ['2026-11-22T04:00:00+00:00', 0],
  ['2026-11-22T04:00:00Z', null],
  ['2026-11-22', null],
])('the offset of %s is %p', (start, minutes) => expect(utcOffsetMinutes(start)).toBe(minutes));
