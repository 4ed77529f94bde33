import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { AccessTokens } from '../oauth/access-tokens.ts';
import { createHttpExchange } from './http-exchange.ts';
import { createHttpOuraClient } from './http-oura-client.ts';
import type { RequestBudget } from './request-budget.ts';

type Reply = { status: number; body?: string; headers?: Record<string, string> } | 'hang' | 'hang-up';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Situation {
  replies: Reply[];
  /** Age of the token at the first request. */
  tokenAgeMs?: number;
  scopes?: string[];
  limitBytes?: number;
  timeoutMs?: number;
}

async function opened({ replies, tokenAgeMs = 3_600_000, scopes = ['daily'], ...limits }: Situation) {
  const clock = createManualClock();
  const asked: IncomingMessage[] = [];
  const blocked: unknown[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request);
    const reply = replies.shift() ?? { status: 500 };
    if (reply === 'hang') return;
    if (reply === 'hang-up') return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  let generation = 1;
  const startMs = clock.now() - tokenAgeMs;
  const tokens: AccessTokens = {
    get: async (_userId, refused) => {
      if (refused === generation) generation += 1;
      const issuedAtMs = generation === 1 ? startMs : clock.now();
      return { kind: 'token', accessToken: `token-${generation}`, generation, issuedAtMs, scopes };
    },
  };
  const budget: RequestBudget = {
    take: async () => ({ kind: 'granted' }),
    block: async (...args) => void blocked.push(args),
  };
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const http = createHttpExchange(fetch, { timeoutMs: 5_000, limitBytes: 1_000, ...limits });
  const client = createHttpOuraClient({ apiUrl, http, tokens, budget, clock });
  const get = (signal?: AbortSignal) =>
    client.get({
      ...{ userId: 'anna', path: '/v2/usercollection/sleep', query: { start_date: '2026-11-20' } },
      ...(signal && { signal }),
    });
  return { ...{ clock, asked, blocked, get, client, tokens, budget, apiUrl, http } };
}

test('an answer is handed on byte for byte, asked with the token', async () => {
  const body = '{ "data":[ {"a": 1.0} ] }\n';
  const { get, asked, clock } = await opened({ replies: [{ status: 200, body }] });
  expect(await get()).toEqual({ kind: 'ok', bytes: Buffer.from(body), beganAtMs: clock.now() });
  expect(asked[0]?.url).toBe('/v2/usercollection/sleep?start_date=2026-11-20');
  expect(asked[0]?.headers.authorization).toBe('Bearer token-1');
});

test('a 401 is asked once more with a new token', async () => {
  const { get, asked } = await opened({ replies: [{ status: 401 }, { status: 200, body: '{}' }] });
  expect(await get()).toMatchObject({ kind: 'ok' });
  expect(asked.map((request) => request.headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

test('a 401 that survives the new token is a missing scope', async () => {
  const { get, asked } = await opened({ replies: [{ status: 401 }, { status: 401 }, { status: 200 }] });
  expect(await get()).toEqual({ kind: 'scope-missing' });
  expect(asked).toHaveLength(2);
});

test('no refresh is spent on a 401 where the scope is known to be missing, or the token has just been issued', async () => {
  const closed = await opened({ replies: [{ status: 401 }], scopes: ['heartrate'] });
  expect(await closed.get()).toEqual({ kind: 'scope-missing' });
  const young = await opened({ replies: [{ status: 401 }], tokenAgeMs: 60_000 });
  expect(await young.get()).toEqual({ kind: 'scope-missing' });
  expect([closed.asked.length, young.asked.length]).toEqual([1, 1]);
});

test('a 429 closes the budget for as long as it says', async () => {
  const { get, blocked } = await opened({ replies: [{ status: 429, headers: { 'Retry-After': '30' } }] });
  expect(await get()).toEqual({ kind: 'rate-limited', retryAfterMs: 30_000 });
  expect(blocked).toEqual([['token', 'anna', 30_000]]);
});

test.each<[Reply, object]>([
  [{ status: 404 }, { kind: 'not-found' }],
  [{ status: 403 }, { kind: 'forbidden' }],
  [
    { status: 422, body: '{"detail":[]}' },
    { kind: 'refused', status: 422, detail: '{"detail":[]}' },
  ],
  [
    { status: 426, body: '' },
    { kind: 'refused', status: 426, detail: '' },
  ],
  [{ status: 503 }, { kind: 'unavailable', detail: 'Oura answered 503' }],
  [
    { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { kind: 'refused', status: 302, detail: '' },
  ],
  ['hang-up', { kind: 'unavailable', detail: 'no connection: UND_ERR_SOCKET' }],
])('%j becomes %j', async (reply, answer) => {
  const { get } = await opened({ replies: [reply] });
  expect(await get()).toEqual(answer);
});

test('an answer that never comes is unavailable after the time limit', async () => {
  const { get } = await opened({ replies: ['hang'], timeoutMs: 50 });
  expect(await get()).toEqual({ kind: 'unavailable', detail: 'no answer within 0.05 s' });
});

test('an answer without end is cut off', async () => {
  const { get } = await opened({
    replies: [{ status: 200, body: 'x'.repeat(2 * 1024 * 1024) }],
    limitBytes: 1024 * 1024,
  });
  expect(await get()).toMatchObject({ kind: 'refused', detail: expect.stringContaining('larger than 1 MiB') });
});

test('a request that is given up ends at once', async () => {
  const { get, asked } = await opened({ replies: ['hang'] });
  const stop = new AbortController();
  const answer = get(stop.signal);
  while (asked.length === 0) await new Promise(setImmediate);
  stop.abort();
  expect(await answer).toEqual({ kind: 'unavailable', detail: 'the request was given up' });
});

test('without a budget or a grant nothing is asked', async () => {
  const { client, asked, ...parts } = await opened({ replies: [] });
  const exhausted = createHttpOuraClient({
    ...parts,
    budget: { ...parts.budget, take: async () => ({ kind: 'exhausted', retryAfterMs: 7 }) },
  });
  const request = { userId: 'anna', path: '/v2/usercollection/sleep' };
  expect(await exhausted.get(request)).toEqual({ kind: 'rate-limited', retryAfterMs: 7 });
  const revoked = createHttpOuraClient({ ...parts, tokens: { get: async () => ({ kind: 'needs-consent' }) } });
  expect(await revoked.get(request)).toEqual({ kind: 'needs-consent' });
  expect(asked).toEqual([]);
});
