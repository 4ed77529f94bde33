import { createHash } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { type Bench, CLIENT, closeBenches, NOW, openBench } from '../testing/bench.ts';

const BACK = 'http://127.0.0.1:9/callback';
afterEach(closeBenches);

const authorizeQuery = (extra: Record<string, string> = {}): string =>
  new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT.clientId,
    redirect_uri: BACK,
    scope: 'daily heartrate email',
    state: 'st&te=1',
    ...extra,
  }).toString();

async function authorize(bench: Bench, extra: Record<string, string> = {}): Promise<URLSearchParams> {
  const answer = await fetch(`${bench.simulator.url}/oauth/authorize?${authorizeQuery(extra)}`, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

const token = (bench: Bench, fields: Record<string, string>, path = '/oauth/v2/ext/oauth-token'): Promise<Response> =>
  fetch(bench.simulator.url + path, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      redirect_uri: BACK,
      ...fields,
    }),
  });
const exchange = (bench: Bench, code: string, extra: Record<string, string> = {}): Promise<Response> =>
  token(bench, { grant_type: 'authorization_code', code, ...extra });
const errorOf = async (response: Response): Promise<unknown> => ((await response.json()) as { error: unknown }).error;

test('the page names the person and every scope; what is unticked is not granted; the state comes back', async () => {
  const bench = await openBench();
  const page = await fetch(`${bench.simulator.url}/oauth/authorize?${authorizeQuery()}`);
  const html = await page.text();
  expect(page.headers.get('content-type')).toContain('text/html');
  for (const scope of ['daily', 'heartrate', 'email']) expect(html).toContain(`value="${scope}" checked`);
  expect(html).toContain('value="st&amp;te=1"');

  const form = new URLSearchParams(authorizeQuery());
  form.append('user', bench.ouraUserId);
  form.append('decision', 'allow');
  form.append('granted', 'daily');
  const answer = await fetch(`${bench.simulator.url}/oauth/authorize`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const back = new URL(answer.headers.get('location') ?? '');
  expect(back.href.startsWith(BACK)).toBe(true);
  expect(back.searchParams.get('state')).toBe('st&te=1');
  const tokens = (await (await exchange(bench, back.searchParams.get('code') ?? '')).json()) as Record<string, unknown>;
  expect(Object.keys(tokens).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type']);
  expect(tokens.scope).toBe('daily');
});

test('who denies sends the app an error and no code', async () => {
  const bench = await openBench();
  const form = new URLSearchParams(authorizeQuery());
  form.append('user', bench.ouraUserId);
  form.append('decision', 'deny');
  const answer = await fetch(`${bench.simulator.url}/oauth/authorize`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const back = new URL(answer.headers.get('location') ?? '').searchParams;
  expect([back.get('error'), back.get('code'), back.get('state')]).toEqual(['access_denied', null, 'st&te=1']);
});

test('consent without a page can refuse scopes and choose the person', async () => {
  const users = [{ email: 'ann@example.org' }, { email: 'bob@example.org' }];
  const bench = await openBench({ users, autoConsent: { user: 'bob@example.org', refuse: ['heartrate'] } });
  const code = (await authorize(bench)).get('code') ?? '';
  const tokens = (await (await exchange(bench, code)).json()) as { access_token: string; scope: string };
  expect(tokens.scope).toBe('daily email');
  const info = (await (await bench.get('personal_info', tokens.access_token)).json()) as Record<string, unknown>;
  expect(info).toMatchObject({ id: bench.simulator.users[1]?.ouraUserId, email: 'bob@example.org', age: null });
});

test('a code works once, for ten minutes, with its redirect URI and with its PKCE verifier', async () => {
  const bench = await openBench({ autoConsent: true });
  const fresh = async (extra: Record<string, string> = {}): Promise<string> =>
    (await authorize(bench, extra)).get('code') ?? '';
  const code = await fresh();
  expect((await exchange(bench, code)).status).toBe(200);
  expect(await errorOf(await exchange(bench, code))).toBe('invalid_grant');
  expect(await errorOf(await exchange(bench, await fresh(), { redirect_uri: 'http://elsewhere/' }))).toBe(
    'invalid_grant',
  );

  const verifier = 'a-verifier-that-is-long-enough-to-be-one-0123456789';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  expect((await exchange(bench, await fresh(pkce), { code_verifier: verifier })).status).toBe(200);
  expect((await exchange(bench, await fresh(pkce), { code_verifier: 'another' })).status).toBe(400);
  expect((await exchange(bench, await fresh(pkce))).status).toBe(400);
  expect((await authorize(bench, { code_challenge: challenge, code_challenge_method: 'plain' })).get('error')).toBe(
    'invalid_request',
  );

  const [early, late] = [await fresh(), await fresh()];
  bench.setNow(NOW + 9 * 60_000);
  expect((await exchange(bench, early)).status).toBe(200);
  bench.setNow(NOW + 11 * 60_000);
  expect((await exchange(bench, late)).status).toBe(400);
});

test('refresh tokens rotate: each works once, and the chain goes on', async () => {
  const bench = await openBench({ traps: { rotatingRefreshTokens: true } });
  const refresh = (refresh_token: string): Promise<Response> =>
    token(bench, { grant_type: 'refresh_token', refresh_token });
  const second = (await (await refresh(bench.tokens.refresh_token)).json()) as {
    refresh_token: string;
    access_token: string;
  };
  expect((await bench.get('personal_info', second.access_token)).status).toBe(200);
  expect(await errorOf(await refresh(bench.tokens.refresh_token))).toBe('invalid_grant');
  expect((await refresh(second.refresh_token)).status).toBe(200);
});

test('two refreshes at once: exactly one wins', async () => {
  const bench = await openBench({ traps: { rotatingRefreshTokens: true } });
  const { refresh_token } = bench.tokens;
  const both = await Promise.all([1, 2].map(() => token(bench, { grant_type: 'refresh_token', refresh_token })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test('an access token dies when its time is over and when its grant is revoked, at either address', async () => {
  const bench = await openBench({ accessTokenLifetimeS: 3600 });
  expect((await bench.get('sleep')).status).toBe(200);
  bench.setNow(NOW + 3_601_000);
  expect((await bench.get('sleep')).status).toBe(401);
  const legacy = bench.simulator.grant(bench.ouraUserId).access_token;
  await fetch(`${bench.simulator.url}/oauth/revoke?access_token=${legacy}`);
  const modern = bench.simulator.grant(bench.ouraUserId).access_token;
  await token(bench, { token: modern }, '/oauth/v2/ext/oauth-revoke');
  for (const revoked of [legacy, modern]) expect((await bench.get('sleep', revoked)).status).toBe(401);
});

test('the legacy address of a new app burns the code it refuses', async () => {
  const bench = await openBench({ autoConsent: true, traps: { newPortalApp: true } });
  const code = (await authorize(bench)).get('code') ?? '';
  expect((await token(bench, { grant_type: 'authorization_code', code }, '/oauth/token')).status).toBe(401);
  expect((await exchange(bench, code)).status).toBe(400);
});

test('wrong apps, addresses, bodies and grant types are refused as such', async () => {
  const bench = await openBench({ redirectUris: [BACK] });
  const page = (extra: Record<string, string>): Promise<Response> =>
    fetch(`${bench.simulator.url}/oauth/authorize?${authorizeQuery(extra)}`, { redirect: 'manual' });
  expect((await page({ client_id: 'another' })).status).toBe(400);
  expect((await page({ redirect_uri: `${BACK}/` })).status).toBe(400);
  expect(await errorOf(await token(bench, { grant_type: 'refresh_token', client_secret: 'wrong' }))).toBe(
    'invalid_client',
  );
  expect(await errorOf(await token(bench, { grant_type: 'password' }))).toBe('unsupported_grant_type');
  const json = await fetch(`${bench.simulator.url}/oauth/v2/ext/oauth-token`, { method: 'POST', body: '{}' });
  expect(await errorOf(json)).toBe('invalid_request');
});

test('a simulator started again with the same seed and secret knows the tokens it gave', async () => {
  const first = await openBench();
  const second = await openBench();
  const stranger = await openBench({ seed: 12 });
  expect((await second.get('personal_info', first.tokens.access_token)).status).toBe(200);
  expect((await stranger.get('personal_info', first.tokens.access_token)).status).toBe(401);
  expect((await second.get('personal_info', `${first.tokens.access_token}x`)).status).toBe(401);
});
