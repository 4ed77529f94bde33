// The whole way of a connection, against the simulator: consent, callback, tokens, requests, refresh, disconnection.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { jsonErrors } from '../../runtime/http/json-error.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createSecrets } from '../../runtime/secrets.ts';
import { readSettings } from '../../runtime/settings.ts';
import { createSimulator, oauthPaths, type SimulatorOptions } from '../../simulator/simulator.ts';
import { findGrantSummary, listGrantSummaries } from '../../storage/grants.ts';
import { ensurePerson, findPersonByName, listPeople, type Person } from '../../storage/people.ts';
import { createCloud } from './cloud.ts';
import { createConnectionRouter } from './connection-router.ts';
import { ouraSettings } from './oura-settings.ts';
import { createConnectRouter } from './public-router.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function opened(simulated: Partial<SimulatorOptions> = {}, environment: Record<string, string> = {}) {
  const clock = createManualClock();
  const now = () => new Date(clock.now());
  const simulator = await createSimulator({
    ...{ seed: 7, users: [{}, {}], clientId: 'our-client', clientSecret: 'our-secret', now, historyDays: 5 },
    ...{ autoConsent: true, accessTokenLifetimeS: 3600, ...simulated },
  });
  closers.push(() => simulator.stop());
  const state = await openTestState();
  closers.push(() => state.close());
  const logger = createLogger({ level: 'silent', name: 'test' });
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const publicPort = () => (server.address() as AddressInfo).port;
  const connected: Person[] = [];
  const cloud = createCloud({
    settings: readSettings(ouraSettings, {
      ...{ OURA_CLIENT_ID: 'our-client', OURA_CLIENT_SECRET: 'our-secret', OURA_API_URL: simulator.url },
      OURA_AUTHORIZE_URL: `${simulator.url}${oauthPaths.authorize[0]}`,
      OURA_TOKEN_URL: `${simulator.url}${oauthPaths.newToken},${simulator.url}${oauthPaths.legacyToken}`,
      OURA_REVOKE_URL: `${simulator.url}${oauthPaths.newRevoke},${simulator.url}${oauthPaths.legacyRevoke}`,
      ...environment,
    }),
    ...{ state, secrets: createSecrets([randomBytes(32)]), clock, logger, publicPort },
    whenConnected: async (tx, person) => {
      await tx.updateTable('people').set({ created_at_ms: 42 }).where('user_id', '=', person.userId).execute();
    },
    afterConnected: (person) => void connected.push(person),
  });
  app.use(createConnectRouter(cloud.flow, logger));
  app.use(createConnectionRouter({ state, flow: cloud.flow, disconnect: cloud.disconnect }));
  app.use(jsonErrors(logger));
  const base = `http://127.0.0.1:${publicPort()}`;
  const ask = (method: string, path: string, body?: object) =>
    fetch(base + path, {
      ...{ method, redirect: 'manual', headers: { 'content-type': 'application/json' } },
      ...(body && { body: JSON.stringify(body) }),
    });
  const begin = async (body: object = {}) => (await ask('POST', '/api/v1/connect', body)).json();
  /** What a browser does with Oura's answer, on the address it can reach here. */
  const backFromOura = async (authorizeUrl: string) => {
    const consent = await fetch(authorizeUrl, { redirect: 'manual' });
    const { pathname, search } = new URL(consent.headers.get('location') ?? '');
    return pathname + search;
  };
  const visit = async (path: string) => {
    const response = await ask('GET', path);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const connect = async (body: object = {}) => visit(await backFromOura((await begin(body)).authorize_url));
  const tokenRequests = () => simulator.requests.filter((request) => request.path.endsWith('token')).length;
  const read = (userId: string, route = 'daily_sleep') =>
    cloud.client.get({ userId, path: `/v2/usercollection/${route}` });
  const only = async () => {
    const [person] = await listPeople(state.read);
    if (!person) throw new Error('nobody is connected');
    return person;
  };
  return {
    clock,
    simulator,
    state,
    cloud,
    connected,
    ask,
    begin,
    backFromOura,
    visit,
    connect,
    tokenRequests,
    read,
    only,
  };
}

test('a consent becomes a person whose documents can be read', async () => {
  const { simulator, state, connected, connect, read, only } = await opened();
  const page = await connect();
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Your ring is connected') });
  const person = await only();
  expect(person).toMatchObject({ name: 'me', ouraUserId: simulator.users[0]?.ouraUserId, createdAtMs: 42 });
  expect(connected.map((one) => one.userId)).toEqual([person.userId]);
  expect(await read(person.userId)).toMatchObject({ kind: 'ok' });
  expect(await findGrantSummary(state.read, person.userId)).toMatchObject({
    state: 'active',
    tokenUrl: `${simulator.url}${oauthPaths.newToken}`,
    scopes: expect.arrayContaining(['daily', 'heart_health', 'ring_configuration']),
  });
});

test('the pages run nothing, load nothing and are never stored', async () => {
  const { connect } = await opened();
  const { headers, text } = await connect();
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(headers.get('content-security-policy')).not.toContain('unsafe');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(text).not.toContain('<script');
});

test('a connect link leads to the consent page, however often it is looked at, until it was used', async () => {
  const { begin, visit, ask, backFromOura } = await opened();
  const { connect_url: connectUrl } = await begin({ name: 'Anna' });
  const { pathname, search } = new URL(connectUrl);
  expect((await ask('HEAD', pathname + search)).status).toBe(405);
  const first = await visit(pathname + search);
  expect(first.status).toBe(302);
  const second = await visit(pathname + search);
  const callback = await backFromOura(second.headers.get('location') ?? '');
  expect((await ask('HEAD', callback)).status).toBe(405);
  expect((await visit(callback)).status).toBe(200);
  expect((await visit(pathname + search)).status).toBe(404);
});

test('connecting adopts the person who was imported under that name', async () => {
  const { state, connect, simulator } = await opened();
  const imported = await state.transaction((tx) => ensurePerson(tx, 'Anna', 1));
  await connect({ name: 'Anna' });
  expect(await findPersonByName(state.read, 'Anna')).toMatchObject({
    userId: imported.userId,
    ouraUserId: simulator.users[0]?.ouraUserId,
  });
  expect(await listPeople(state.read)).toHaveLength(1);
});

test('connecting again renews the grant of the same person', async () => {
  const { state, connect, only } = await opened();
  await connect();
  await connect({ name: 'another name' });
  expect(await listGrantSummaries(state.read)).toEqual([
    expect.objectContaining({ userId: (await only()).userId, generation: 2 }),
  ]);
});

test('a state that is unknown, expired or used has no effect', async () => {
  const { clock, begin, backFromOura, visit, state, tokenRequests } = await opened();
  expect((await visit('/oauth/callback?state=guess&code=c')).status).toBe(400);
  expect((await visit('/oauth/callback')).status).toBe(400);
  const late = await backFromOura((await begin()).authorize_url);
  await clock.advance(3_600_000);
  expect((await visit(late)).status).toBe(400);
  expect(tokenRequests()).toBe(0);
  const callback = await backFromOura((await begin()).authorize_url);
  expect((await visit(callback)).status).toBe(200);
  expect((await visit(callback)).status).toBe(400);
  expect(tokenRequests()).toBe(1);
  expect(await listGrantSummaries(state.read)).toHaveLength(1);
});

test('a callback that arrives twice at once exchanges the code once', async () => {
  const { begin, backFromOura, visit, tokenRequests } = await opened();
  const callback = await backFromOura((await begin()).authorize_url);
  const statuses = (await Promise.all([visit(callback), visit(callback)])).map((page) => page.status);
  expect(statuses.sort()).toEqual([200, 409]);
  expect(tokenRequests()).toBe(1);
});

test('of two replicas that take up the same callback one exchanges the code', async () => {
  const { begin, backFromOura, cloud, tokenRequests } = await opened();
  const callback = new URL(await backFromOura((await begin()).authorize_url), 'http://us.test').searchParams;
  const finish = () => cloud.flow?.finish({ state: callback.get('state') ?? '', code: callback.get('code') ?? '' });
  const kinds = (await Promise.all([finish(), finish()])).map((result) => result?.kind);
  expect(kinds.sort()).toEqual(['already-used', 'connected']);
  expect(tokenRequests()).toBe(1);
});

test('a no is respected and can be changed with the same link', async () => {
  const { begin, visit, state } = await opened();
  const oauthState = new URL((await begin()).authorize_url).searchParams.get('state');
  const denied = await visit(`/oauth/callback?error=access_denied&state=${oauthState}`);
  expect(denied).toMatchObject({ status: 403, text: expect.stringContaining('Nothing was connected') });
  const again = /href="([^"]+)"/.exec(denied.text)?.[1] ?? '';
  expect((await visit(again)).status).toBe(302);
  expect(await listPeople(state.read)).toEqual([]);
});

test('an error that came with the address is never shown', async () => {
  const { begin, visit } = await opened();
  const oauthState = new URL((await begin()).authorize_url).searchParams.get('state');
  const page = await visit(`/oauth/callback?error=%3Cb%3Epay%20me&error_description=evil&state=${oauthState}`);
  expect(page.status).toBe(502);
  expect(page.text).not.toMatch(/pay me|evil/);
});

test('whatever was left out on the consent page is named, and never asked for in vain', async () => {
  const { connect, read, only, tokenRequests } = await opened({ autoConsent: { refuse: ['workout', 'tag'] } });
  expect((await connect()).text).toContain('workout, enhanced tag, tag');
  const { userId } = await only();
  expect(await read(userId, 'workout')).toEqual({ kind: 'scope-missing' });
  expect(tokenRequests()).toBe(1);
});

test('an application of the new portal connects, though the old address refuses it', async () => {
  const { connect, state, simulator } = await opened({ traps: { newPortalApp: true } });
  expect((await connect()).status).toBe(200);
  expect(await listGrantSummaries(state.read)).toEqual([
    expect.objectContaining({ tokenUrl: `${simulator.url}${oauthPaths.newToken}` }),
  ]);
});

test('a code that the first portal burnt needs a new consent, and the page offers it', async () => {
  const { connect, visit, backFromOura, simulator } = await opened({ traps: { newPortalApp: true } });
  simulator.failNext({ route: oauthPaths.newToken, status: 503 });
  const failed = await connect();
  expect(failed.status).toBe(502);
  expect(failed.text).not.toContain('OURA_CLIENT_ID');
  const again = await visit(/href="([^"]+)"/.exec(failed.text)?.[1] ?? '');
  expect((await visit(await backFromOura(again.headers.get('location') ?? ''))).status).toBe(200);
});

test('when Oura does not say whose ring it is, a reload finishes without a new consent', async () => {
  const { begin, backFromOura, visit, simulator, state, tokenRequests } = await opened();
  simulator.failNext({ route: 'personal_info', status: 503 });
  const callback = await backFromOura((await begin()).authorize_url);
  expect((await visit(callback)).status).toBe(503);
  expect(await listPeople(state.read)).toEqual([]);
  expect((await visit(callback)).status).toBe(200);
  expect(tokenRequests()).toBe(1);
});

test('an expired token is refreshed at the address that issued it, again and again', async () => {
  const { clock, connect, read, only, state, simulator } = await opened();
  await connect();
  const { userId } = await only();
  for (const generation of [2, 3]) {
    await clock.advance(3_600_000);
    expect(await read(userId)).toMatchObject({ kind: 'ok' });
    expect(await findGrantSummary(state.read, userId)).toMatchObject({ generation });
  }
  expect(simulator.requests.filter((request) => request.path === oauthPaths.legacyToken)).toEqual([]);
});

test('ten requests on an expired token cost one refresh', async () => {
  const { clock, connect, read, only, tokenRequests } = await opened();
  await connect();
  const { userId } = await only();
  await clock.advance(3_600_000);
  const answers = await Promise.all(Array.from({ length: 10 }, () => read(userId)));
  expect(answers.map((answer) => answer.kind)).toEqual(Array.from({ length: 10 }, () => 'ok'));
  expect(tokenRequests()).toBe(2);
});

test('a refresh whose answer is lost asks for consent only when Oura then refuses', async () => {
  const { clock, connect, read, only, simulator, state } = await opened();
  await connect();
  const { userId } = await only();
  await clock.advance(3_600_000);
  simulator.failNext({ route: oauthPaths.newToken, hangUp: true });
  expect(await read(userId)).toMatchObject({ kind: 'unavailable', retryAfterMs: 15_000 });
  expect(await findGrantSummary(state.read, userId)).toMatchObject({ state: 'active' });
  await clock.advance(15_000);
  expect(await read(userId)).toMatchObject({ kind: 'ok' });
});

test('disconnecting ends the grant here and at Oura and keeps the person', async () => {
  const { connect, read, only, ask, simulator, state } = await opened();
  await connect();
  const { userId } = await only();
  const ended = await ask('DELETE', `/api/v1/people/${userId}/connection`);
  expect([ended.status, await ended.json()]).toEqual([200, { revoked_at_oura: true }]);
  expect(simulator.requests.at(-1)).toMatchObject({ path: oauthPaths.newRevoke, status: 200 });
  expect(await read(userId)).toEqual({ kind: 'needs-consent' });
  expect(await listGrantSummaries(state.read)).toEqual([]);
  expect((await only()).userId).toBe(userId);
  expect((await ask('DELETE', `/api/v1/people/${userId}/connection`)).status).toBe(404);
  expect((await ask('DELETE', '/api/v1/people/nobody/connection')).status).toBe(404);
});

test('a revoked grant asks for consent', async () => {
  const { clock, connect, read, only, simulator } = await opened();
  await connect();
  const { userId } = await only();
  simulator.failNext({ route: oauthPaths.newToken, status: 400, body: '{"error":"invalid_grant"}' });
  await clock.advance(3_600_000);
  expect(await read(userId)).toEqual({ kind: 'needs-consent' });
});

test('commands that make no sense say why', async () => {
  const { ask, connect, only } = await opened();
  await connect({ name: 'Anna' });
  await connect({ name: 'Anna' });
  const { userId } = await only();
  expect((await ask('POST', '/api/v1/connect', { name: '  ' })).status).toBe(400);
  expect((await ask('POST', '/api/v1/connect', { valid_for_s: 5 })).status).toBe(400);
  expect((await ask('PATCH', `/api/v1/people/${userId}`, { name: 'Anne' })).status).toBe(200);
  expect((await ask('PATCH', '/api/v1/people/nobody', { name: 'Anne' })).status).toBe(404);
});

test('without an application at Oura connecting says so', async () => {
  const { ask, visit } = await opened({}, { OURA_CLIENT_ID: '' });
  expect((await ask('POST', '/api/v1/connect', {})).status).toBe(409);
  expect(await visit('/connect?state=x')).toMatchObject({
    status: 404,
    text: expect.stringContaining('OURA_CLIENT_ID'),
  });
});
