// The middleware in front of the page and the API, each through a real express app and a real socket.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { Failure } from '../failure.ts';
import { createLogger } from '../logger.ts';
import { credentialsCheck, isAuthorized, requireCredentials } from './credentials.ts';
import { hostCheck, isAllowedHost } from './host-check.ts';
import { type RunningHttpServer, startHttpServer } from './http-server.ts';
import { HttpError, jsonErrors, notFound } from './json-error.ts';
import { originCheck } from './origin-check.ts';
import { rateLimit } from './rate-limit.ts';
import { securityHeaders } from './security-headers.ts';

let running: RunningHttpServer | undefined;
afterEach(() => running?.stop());

const logged: string[] = [];
const logger = createLogger({ level: 'info', name: 'test', destination: { write: (line) => void logged.push(line) } });

async function serve(...middleware: RequestHandler[]) {
  const app = express();
  app.use(...middleware);
  app.get('/', (_request, response) => void response.json({ ok: true }));
  app.post('/', (_request, response) => void response.json({ ok: true }));
  app.use(notFound, jsonErrors(logger));
  running = await startHttpServer({ name: 'test', handler: app, host: '127.0.0.1', port: 0 });
  const { port } = running;
  return (headers: IncomingHttpHeaders = {}, method = 'GET', path = '/') =>
    new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
      request.on('error', reject).end();
    });
}

test.each([
  ['localhost', true],
  ['localhost:8000', true],
  ['LOCALHOST:8000', true],
  ['ring.localhost', true],
  ['127.0.0.1:8000', true],
  ['127.9.9.9', true],
  ['[::1]:8000', true],
  ['192.168.1.5:8000', true],
  ['ring.home', true],
  ['ring.home:443', true],
  ['evil.example', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['evil.example:8000', false],
  ['ring.home.evil.example', false],
  ['user@localhost', false],
  ['localhost evil', false],
  ['', false],
  [undefined, false],
])('the host %p is ours: %p', (host, ours) => {
  expect(isAllowedHost(host, ['Ring.home'])).toBe(ours);
});

test('a foreign host name is refused before anything is served', async () => {
  const ask = await serve(hostCheck([]));
  expect((await ask({ host: 'localhost' })).status).toBe(200);
  const refused = await ask({ host: 'rebound.evil.example' });
  expect(refused.status).toBe(421);
  expect(JSON.parse(refused.body).error).toMatchObject({
    code: 'unknown_host',
    hint: expect.stringContaining('HTTP_ALLOWED_HOSTS'),
  });
});

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
test.each([
  [basic('anyone:correct: horse'), true],
  [basic(':correct: horse'), true],
  [`basic   ${basic(':correct: horse').slice(6)}`, true],
  [basic('correct: horse'), false],
  [basic('anyone:correct'), false],
  [basic('anyone:'), false],
  ['Bearer correct:', false],
  ['Digest abc', false],
  ['Bearer', false],
  ['', false],
  [undefined, false],
])('the header %p knows the password: %p', (header, known) => {
  expect(isAuthorized(header, 'correct: horse')).toBe(known);
});

test('without the password the browser is asked for it, with it the page comes', async () => {
  const ask = await serve(credentialsCheck('a-long-password'));
  const refused = await ask();
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([
    401,
    'Basic realm="oura-streaming", charset="UTF-8"',
  ]);
  expect((await ask({ authorization: 'Bearer a-long-password' })).status).toBe(200);
  expect((await ask({ authorization: basic('me:a-long-password') })).status).toBe(200);
  expect((await ask({ authorization: 'Bearer a-long-passworD' })).status).toBe(401);
});

test('only this machine may be served without a password', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost'])
    expect(() => requireCredentials({ host, password: undefined })).not.toThrow();
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'ring.home'])
    expect(() => requireCredentials({ host, password: undefined })).toThrow(`HTTP_HOST=${host} lets other machines in`);
  expect(() => requireCredentials({ host: '0.0.0.0', password: 'a-long-password' })).not.toThrow();
});

test('a command from another page is refused, from our own page or a program it is taken', async () => {
  const ask = await serve(originCheck);
  const own = { host: 'localhost:8000', origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' };
  expect((await ask(own, 'POST')).status).toBe(200);
  expect((await ask({}, 'POST')).status).toBe(200);
  expect((await ask({ ...own, origin: 'http://evil.example' }, 'POST')).status).toBe(403);
  expect((await ask({ ...own, origin: 'http://localhost:9000' }, 'POST')).status).toBe(403);
  expect((await ask({ ...own, origin: 'null' }, 'POST')).status).toBe(403);
  expect((await ask({ ...own, 'sec-fetch-site': 'cross-site' }, 'POST')).status).toBe(403);
  expect((await ask({ ...own, 'sec-fetch-site': 'same-site' }, 'DELETE')).status).toBe(403);
  expect((await ask({ ...own, origin: 'http://evil.example' }, 'GET')).status).toBe(200);
});

test('pages may load from here alone, inline nothing, be framed by nobody, and speak to their own socket', async () => {
  const ask = await serve(securityHeaders());
  const { headers } = await ask({ host: 'ring.home:8000' });
  const policy = String(headers['content-security-policy']);
  expect(policy).not.toContain('unsafe');
  expect(policy).not.toContain('upgrade-insecure-requests');
  expect(policy.split(';')).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self' ws://ring.home:8000 wss://ring.home:8000",
      "frame-ancestors 'none'",
    ]),
  );
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-powered-by']).toBeUndefined();
  expect(headers['strict-transport-security']).toBeUndefined();
  expect(
    String((await ask({ host: "x; script-src 'unsafe-inline'" })).headers['content-security-policy']),
  ).not.toContain('unsafe');
});

test('above the limit a caller gets 429 with the time to wait', async () => {
  const ask = await serve(rateLimit({ limit: 2, windowMs: 60_000 }));
  expect([(await ask()).status, (await ask({ 'x-forwarded-for': '1.2.3.4' })).status]).toEqual([200, 200]);
  const refused = await ask({ 'x-forwarded-for': '5.6.7.8' });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(refused.body).error.code).toBe('too_many_requests');
});

test.each([
  [new HttpError({ status: 409, code: 'taken', message: 'Taken.', hint: 'Wait.' }), 409, 'taken'],
  [new Failure('dependency', 'postgres://h is down'), 503, 'unavailable'],
  [new Failure('configuration', 'wrong password hush'), 500, 'internal_error'],
  [Object.assign(new Error('entity too large'), { status: 413 }), 413, 'too_large'],
  [Object.assign(new Error('no JSON'), { status: 400 }), 400, 'bad_request'],
  [new Error('hush'), 500, 'internal_error'],
])('%s is answered as %p %p in the one error shape', async (error, status, code) => {
  const ask = await serve((_request, _response, next) => next(error));
  const answer = await ask();
  expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([status, code]);
  expect(answer.body).not.toMatch(/hush|postgres/);
});

test('an unknown path is a 404 in the one error shape, and a failure of ours is logged', async () => {
  const ask = await serve((request, _response, next) =>
    next(request.path === '/broken' ? new Error('why') : undefined),
  );
  expect(JSON.parse((await ask({}, 'GET', '/nowhere')).body).error.code).toBe('not_found');
  logged.length = 0;
  await ask({}, 'GET', '/broken');
  expect(JSON.parse(logged.join(''))).toMatchObject({ level: 'error', path: '/broken', err: { message: 'why' } });
});
