import { expect, test } from '@jest/globals';
import { decideTokenAnswer } from './decide-token-answer.ts';

test.each([
  [200, undefined, true, 'granted'],
  // A success we cannot read: the old refresh token may be gone, which the next refresh will tell.
  [200, undefined, false, 'unknown'],
  [400, 'invalid_grant', false, 'grant-refused'],
  [400, 'invalid_request', false, 'grant-refused'],
  [400, undefined, false, 'grant-refused'],
  [401, 'invalid_grant', false, 'grant-refused'],
  [400, 'invalid_client', false, 'application-refused'],
  [401, 'invalid_client', false, 'application-refused'],
  [401, undefined, false, 'application-refused'],
  [400, 'unauthorized_client', false, 'application-refused'],
  [403, undefined, false, 'application-refused'],
  [404, undefined, false, 'unknown'],
  [429, undefined, false, 'unknown'],
  [500, undefined, false, 'unknown'],
  [503, undefined, false, 'unknown'],
] as const)('%i with error %s and tokens %s: %s', (status, error, hasTokens, verdict) => {
  expect(decideTokenAnswer({ status, error, hasTokens })).toBe(verdict);
});
