import { expect, test } from '@jest/globals';
import { consentUrl, newSecret } from './authorize-url.ts';

test('the consent page is asked with PKCE S256, the state and the exact redirect address', () => {
  const url = new URL(
    consentUrl({
      authorizeUrl: 'https://oura.test/oauth/authorize?lang=en',
      clientId: 'our-client',
      redirectUri: 'http://localhost:8001/oauth/callback',
      scopes: ['daily', 'heartrate'],
      state: 'the state',
      // The example of RFC 7636, appendix B.
      codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    }),
  );
  expect(Object.fromEntries(url.searchParams)).toEqual({
    lang: 'en',
    response_type: 'code',
    client_id: 'our-client',
    redirect_uri: 'http://localhost:8001/oauth/callback',
    scope: 'daily heartrate',
    state: 'the state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
});

test('secrets fit an address, a PKCE verifier, and never repeat', () => {
  expect(newSecret()).toMatch(/^[\w-]{43}$/);
  expect(newSecret()).not.toBe(newSecret());
});
