import { expect, test } from '@jest/globals';
import { backoffMs } from './backoff.ts';

test.each([
  { attempt: 1, random: 0, ms: 250 },
  { attempt: 1, random: 0.999, ms: 500 },
  { attempt: 2, random: 0, ms: 500 },
  { attempt: 5, random: 0.5, ms: 6000 },
  { attempt: 8, random: 0, ms: 30_000 },
  { attempt: 10_000, random: 0.999, ms: 59_970 },
])('try $attempt with chance $random waits $ms ms', ({ attempt, random, ms }) => {
  expect(backoffMs(attempt, random)).toBe(ms);
});
