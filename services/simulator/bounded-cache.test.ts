import { expect, test } from '@jest/globals';
import { createBoundedCache, createPerOwner } from './bounded-cache.ts';

test('what was used longest ago is made again, null included as a value', () => {
  const cache = createBoundedCache<number | null>(2);
  const made: string[] = [];
  const get = (key: string): number | null =>
    cache.get(key, () => {
      made.push(key);
      return null;
    });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) get(key);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

test('each owner has its own value', () => {
  const countOf = createPerOwner<object, { count: number }>(() => ({ count: 0 }));
  const [first, second] = [{}, {}];
  countOf(first).count += 1;
  expect([countOf(first).count, countOf(second).count]).toEqual([1, 0]);
});
