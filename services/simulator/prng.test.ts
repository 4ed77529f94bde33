import { expect, test } from '@jest/globals';
import { random, uniformOf, wandering } from './prng.ts';

test('the same key gives the same stream and another key another one', () => {
  const take = (...key: (string | number)[]): number[] => {
    const draw = random(...key);
    return Array.from({ length: 20 }, () => draw.next());
  };
  expect(take(1, 'ann', 'night', 7)).toEqual(take(1, 'ann', 'night', 7));
  expect(take(1, 'ann', 'night', 7)).not.toEqual(take(1, 'ann', 'night', 8));
  expect(take(1, 'ann', 'night', 7)).not.toEqual(take(2, 'ann', 'night', 7));
});

test('a stream is uniform, and neighbouring keys are independent of each other', () => {
  const draw = random('uniform');
  const values = Array.from({ length: 20_000 }, () => draw.next());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeGreaterThan(0.49);
  expect(mean).toBeLessThan(0.51);
  const firsts = Array.from({ length: 5000 }, (_, key) => uniformOf('neighbour', key));
  const lagged = firsts.slice(1).map((value, index) => (value - 0.5) * ((firsts[index] ?? 0) - 0.5));
  expect(Math.abs(lagged.reduce((sum, value) => sum + value, 0) / lagged.length)).toBeLessThan(0.01);
});

test('weights, bounds and normals are kept', () => {
  const draw = random('shapes');
  const counts = [0, 0, 0];
  for (let i = 0; i < 6000; i += 1) {
    const index = draw.weighted([1, 0, 3]);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  expect(counts[1]).toBe(0);
  expect((counts[2] ?? 0) / (counts[0] ?? 1)).toBeGreaterThan(2.6);
  expect((counts[2] ?? 0) / (counts[0] ?? 1)).toBeLessThan(3.4);
  const integers = new Set(Array.from({ length: 500 }, () => draw.integer(-1, 1)));
  expect([...integers].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
  const normals = Array.from({ length: 10_000 }, () => draw.normal(10, 2));
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length;
  const sd = Math.sqrt(normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length);
  expect(mean).toBeCloseTo(10, 0);
  expect(sd).toBeGreaterThan(1.9);
  expect(sd).toBeLessThan(2.1);
});

test('picking from nothing says so', () => {
  expect(() => random('empty').pick([])).toThrow('the list of choices is empty');
});

test('what wanders moves little from one day to the next', () => {
  for (let day = 0; day < 300; day += 1) {
    expect(Math.abs(wandering(10, day, 'x') - wandering(10, day + 1, 'x'))).toBeLessThan(1);
  }
});
