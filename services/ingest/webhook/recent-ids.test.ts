import { expect, test } from '@jest/globals';
import { createRecentIds } from './recent-ids.ts';

test('the last ids are remembered, those long before are not', () => {
  const capacity = 5;
  const recent = createRecentIds(capacity);
  const ids = Array.from({ length: 23 }, (_, index) => `id-${index}`);
  for (const [index, id] of ids.entries()) {
    expect(recent.has(id)).toBe(false);
    recent.add(id);
    const known = ids.filter((each) => recent.has(each));
    expect(known).toEqual(expect.arrayContaining(ids.slice(Math.max(0, index + 1 - capacity), index + 1)));
    expect(known.length).toBeLessThanOrEqual(2 * capacity);
  }
});
