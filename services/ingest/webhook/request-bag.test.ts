import { expect, test } from '@jest/globals';
import { createBag } from './request-bag.ts';

test('a bag holds what was put in and not taken out, in whatever order', () => {
  const bag = createBag<{ name: string }>();
  const leave = new Map(['a', 'b', 'c', 'd'].map((name) => [name, bag.add({ name })]));
  const names = () => [...bag].map(({ name }) => name).sort();
  expect(names()).toEqual(['a', 'b', 'c', 'd']);
  leave.get('b')?.();
  expect(names()).toEqual(['a', 'c', 'd']);
  // `d` stands where `b` stood; whoever left already leaves nobody else's place.
  leave.get('b')?.();
  expect(names()).toEqual(['a', 'c', 'd']);
  leave.get('d')?.();
  leave.get('a')?.();
  expect(names()).toEqual(['c']);
  leave.get('c')?.();
  expect(bag.size).toBe(0);
});
