import { expect, test } from '@jest/globals';
import { decideToken, type GrantFacts, pauseAfterMs, type TokenQuestion } from './decide-token.ts';

const grant: GrantFacts = {
  ...{
    state: 'active',
    hasRefreshToken: true,
    generation: 3,
    issuedAtMs: 0,
    expiresAtMs: 1_000_000,
    refreshAfterMs: 0,
  },
};

test.each<[string, Partial<GrantFacts>, TokenQuestion, ReturnType<typeof decideToken>]>([
  ['a token that lasts is used', {}, { nowMs: 0 }, { kind: 'use' }],
  ['one that expires within a minute is renewed', {}, { nowMs: 950_000 }, { kind: 'renew' }],
  ['one that lasts a minute is used for most of it', { issuedAtMs: 940_000 }, { nowMs: 993_000 }, { kind: 'use' }],
  ['one that expired is renewed', {}, { nowMs: 2_000_000 }, { kind: 'renew' }],
  ['one that Oura refused is renewed', {}, { nowMs: 0, refusedGeneration: 3 }, { kind: 'renew' }],
  ['one that came after the refused one is used', {}, { nowMs: 0, refusedGeneration: 2 }, { kind: 'use' }],
  ['a grant that was refused asks for consent', { state: 'needs_consent' }, { nowMs: 0 }, { kind: 'needs-consent' }],
  ['without a refresh token it is used to its end', { hasRefreshToken: false }, { nowMs: 950_000 }, { kind: 'use' }],
  ['and then needs consent', { hasRefreshToken: false }, { nowMs: 1_000_000 }, { kind: 'needs-consent' }],
  [
    'so it does when refused',
    { hasRefreshToken: false },
    { nowMs: 0, refusedGeneration: 3 },
    { kind: 'needs-consent' },
  ],
  ['in a pause a lasting token is used', { refreshAfterMs: 999_999 }, { nowMs: 950_000 }, { kind: 'use' }],
  [
    'in a pause an expired one waits',
    { refreshAfterMs: 2_000_500 },
    { nowMs: 2_000_000 },
    { kind: 'pause', retryAfterMs: 500 },
  ],
  [
    'in a pause a refused one waits',
    { refreshAfterMs: 500 },
    { nowMs: 100, refusedGeneration: 3 },
    { kind: 'pause', retryAfterMs: 400 },
  ],
])('%s', (_name, changes, question, decision) => {
  expect(decideToken({ ...grant, ...changes }, question)).toEqual(decision);
});

test('who never connected has to', () => {
  expect(decideToken(undefined, { nowMs: 0 })).toEqual({ kind: 'needs-consent' });
});

test('pauses double up to a quarter of an hour', () => {
  expect([0, 1, 2, 10].map(pauseAfterMs)).toEqual([15_000, 30_000, 60_000, 900_000]);
});
