import { expect, test } from '@jest/globals';
import { afterTry, backoffMs, retryAfterMs } from './decide-delivery.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');

test.each([
  [1, 0, 2_500],
  [1, 1, 5_000],
  [2, 1, 10_000],
  [5, 1, 80_000],
  [20, 1, 900_000],
  [2000, 0, 450_000],
])('the wait after try %d with jitter %d is %d ms', (attempts, random, expected) => {
  expect(backoffMs(attempts, random)).toBe(expected);
});

test('a channel that says when to come back is never asked sooner, and not sooner than our own wait', () => {
  const again = (retryAfter?: number) =>
    afterTry(
      { kind: 'retry', reason: 'http_429', ...(retryAfter !== undefined && { retryAfterMs: retryAfter }) },
      { attempts: 1, nowMs, random: 1 },
    );
  expect(again(120_000)).toEqual({ kind: 'waiting', reason: 'http_429', retryAtMs: nowMs + 120_000 });
  expect(again(10)).toMatchObject({ retryAtMs: nowMs + 5_000 });
  expect(again()).toMatchObject({ retryAtMs: nowMs + 5_000 });
});

test('sent is sent and failed is failed', () => {
  const failed = { kind: 'failed', reason: 'http_404', advice: 'Make a new one.' } as const;
  expect(afterTry({ kind: 'delivered' }, { attempts: 1, nowMs, random: 0 })).toEqual({ kind: 'delivered' });
  expect(afterTry(failed, { attempts: 1, nowMs, random: 0 })).toEqual(failed);
});

test.each([
  ['30', 30_000],
  ['0.345', 345],
  ['Mon, 23 Nov 2026 08:01:00 GMT', 60_000],
  ['Mon, 23 Nov 2026 07:00:00 GMT', 0],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %s means %s ms', (header, expected) => {
  expect(retryAfterMs(header, nowMs)).toBe(expected);
});
