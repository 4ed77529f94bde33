import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  dayOfIso,
  formatLocal,
  formatUtcSecond,
  isoDay,
  localDay,
  localToUtcMs,
  utcOffsetS,
  weekday,
} from './local-time.ts';

const utc = (text: string): number => Date.parse(text);

test.each([
  ['Europe/Berlin', '2026-01-15T12:00:00Z', 3600],
  ['Europe/Berlin', '2026-07-15T12:00:00Z', 7200],
  ['America/New_York', '2026-01-15T12:00:00Z', -18_000],
  ['Asia/Kathmandu', '2026-01-15T12:00:00Z', 20_700],
  ['America/St_Johns', '2026-07-15T12:00:00Z', -9000],
  ['Australia/Lord_Howe', '2026-01-15T12:00:00Z', 39_600],
  ['UTC', '2026-01-15T12:00:00Z', 0],
])('%s at %s is %d s east of UTC', (zone, at, offsetS) => {
  expect(utcOffsetS(zone, utc(at))).toBe(offsetS);
});

test('the offset changes at the instant of the change, to the second', () => {
  const change = utc('2026-03-29T01:00:00Z');
  expect(utcOffsetS('Europe/Berlin', change - 1000)).toBe(3600);
  expect(utcOffsetS('Europe/Berlin', change)).toBe(7200);
});

test.each([
  ['an ordinary evening', '2026-03-28', 22 * 60, '2026-03-28T21:00:00Z'],
  ['the morning after the clocks went forward', '2026-03-29', 240, '2026-03-29T02:00:00Z'],
  ['a time that does not exist, read with the old offset', '2026-03-29', 150, '2026-03-29T01:30:00Z'],
  ['a time that comes twice, the first of them', '2026-10-25', 150, '2026-10-25T00:30:00Z'],
  ['the morning after the clocks went back', '2026-10-25', 240, '2026-10-25T03:00:00Z'],
])('in Berlin, %s', (_, day, minutes, expected) => {
  expect(new Date(localToUtcMs('Europe/Berlin', dayOfIso(day), minutes)).toISOString()).toBe(
    expected.replace('Z', '.000Z'),
  );
});

test('a day of Berlin has 23, 24 or 25 hours', () => {
  const hours = (day: string): number => {
    const start = dayOfIso(day);
    return (localToUtcMs('Europe/Berlin', start + 1, 0) - localToUtcMs('Europe/Berlin', start, 0)) / 3_600_000;
  };
  expect([hours('2026-03-29'), hours('2026-06-01'), hours('2026-10-25')]).toEqual([23, 24, 25]);
});

test('texts carry the offset of their instant', () => {
  expect(formatLocal('Europe/Berlin', utc('2026-03-29T00:59:59.250Z'))).toBe('2026-03-29T01:59:59.250+01:00');
  expect(formatLocal('Europe/Berlin', utc('2026-03-29T01:00:00Z'))).toBe('2026-03-29T03:00:00.000+02:00');
  expect(formatLocal('America/St_Johns', utc('2026-01-01T02:00:00Z'))).toBe('2025-12-31T22:30:00.000-03:30');
  expect(formatUtcSecond(utc('2026-01-01T02:00:00.900Z'))).toBe('2026-01-01T02:00:00+00:00');
});

test('days of the calendar are integers that come back', () => {
  expect(isoDay(dayOfIso('2024-02-29'))).toBe('2024-02-29');
  expect(localDay('America/New_York', utc('2026-01-01T03:00:00Z'))).toBe(dayOfIso('2025-12-31'));
  expect([weekday(dayOfIso('2026-11-22')), weekday(dayOfIso('2026-11-23')), weekday(-4)]).toEqual([0, 1, 0]);
});

test('any wall-clock time that exists comes back from its instant', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/Los_Angeles',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  );
  fc.assert(
    fc.property(
      zones,
      fc.integer({ min: 19_000, max: 22_000 }),
      fc.integer({ min: 240, max: 1439 }),
      (zone, day, minutes) => {
        const text = formatLocal(zone, localToUtcMs(zone, day, minutes));
        expect(text.slice(0, 16)).toBe(new Date(day * 86_400_000 + minutes * 60_000).toISOString().slice(0, 16));
        expect(Date.parse(text)).toBe(localToUtcMs(zone, day, minutes));
      },
    ),
  );
});
