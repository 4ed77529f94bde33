import { expect, test } from '@jest/globals';
import { decideAnswer } from './decide-answer.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');
const facts = { headers: {}, isNewTokenUseless: false, nowMs };

test.each([
  [200, { kind: 'ok' }],
  [204, { kind: 'refused' }],
  [301, { kind: 'refused' }],
  [400, { kind: 'refused' }],
  [401, { kind: 'renew-token' }],
  [403, { kind: 'forbidden' }],
  [404, { kind: 'not-found' }],
  [408, { kind: 'unavailable' }],
  [410, { kind: 'refused' }],
  [422, { kind: 'refused' }],
  [425, { kind: 'unavailable' }],
  [426, { kind: 'refused' }],
  [429, { kind: 'rate-limited', retryAfterMs: 60_000, layer: 'token' }],
  [500, { kind: 'unavailable' }],
  [502, { kind: 'unavailable' }],
  [503, { kind: 'unavailable' }],
  [504, { kind: 'unavailable' }],
])('status %i means %j', (status, verdict) => {
  expect(decideAnswer({ ...facts, status })).toEqual(verdict);
});

test('a 401 that a new token cannot mend is a missing scope', () => {
  expect(decideAnswer({ ...facts, status: 401, isNewTokenUseless: true })).toEqual({ kind: 'scope-missing' });
});

test.each<[Record<string, string>, number]>([
  [{ 'retry-after': '17' }, 17_000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 08:01:30 GMT' }, 90_000],
  [{ 'retry-after': '17', 'x-ratelimit-reset': String(nowMs / 1000 + 200) }, 17_000],
  [{ 'x-ratelimit-reset': String(nowMs / 1000 + 200), 'x-ratelimit-window': '300' }, 200_000],
  [{ 'x-ratelimit-window': '300' }, 300_000],
  [{ 'retry-after': 'soon' }, 60_000],
  [{ 'retry-after': '0' }, 1_000],
  [{ 'x-ratelimit-reset': String(nowMs / 1000 - 5) }, 1_000],
  [{ 'retry-after': '99999999' }, 24 * 3_600_000],
])('a 429 with %j pauses %i ms', (headers, retryAfterMs) => {
  expect(decideAnswer({ ...facts, status: 429, headers })).toEqual({
    kind: 'rate-limited',
    retryAfterMs,
    layer: 'token',
  });
});

test('a 429 says by its tier when the whole application has to wait', () => {
  expect(decideAnswer({ ...facts, status: 429, headers: { 'x-ratelimit-tier': 'application' } })).toMatchObject({
    layer: 'application',
  });
});

test('a 503 is waited for as long as it says', () => {
  expect(decideAnswer({ ...facts, status: 503, headers: { 'retry-after': '5' } })).toEqual({
    kind: 'unavailable',
    retryAfterMs: 5_000,
  });
});
