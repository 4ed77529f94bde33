import { expect, test } from '@jest/globals';
import { placeIn, usualRange } from './usual-range.ts';

const nights = (count: number) => Array.from({ length: count }, (_, index) => 50 + index);

test('there is no usual range before 14 nights have a value', () => {
  expect(usualRange([...nights(13), null, null, null])).toBeNull();
  expect(usualRange([...nights(14), null])?.nights).toBe(14);
});

test('the range is the 10th to the 90th percentile, whatever the order', () => {
  const shuffled = [...nights(21)].reverse();
  expect(usualRange(shuffled)).toEqual({ low: 52, high: 68, middle: 60, nights: 21 });
});

test('one feverish night does not widen the range', () => {
  const calm = usualRange(nights(27));
  const fever = usualRange([...nights(27), 400]);
  expect((fever?.high ?? 0) - (calm?.high ?? 0)).toBeLessThan(2);
});

test.each([
  [49.9, 'below'],
  [50, 'inside'],
  [55, 'inside'],
  [60, 'inside'],
  [60.1, 'above'],
  [null, null],
] as const)('%s is %s of a range from 50 to 60', (value, place) => {
  expect(placeIn(value, { low: 50, high: 60, middle: 55, nights: 28 })).toBe(place);
});

test('without a usual range nothing is called unusual', () => {
  expect(placeIn(999, null)).toBeNull();
});
