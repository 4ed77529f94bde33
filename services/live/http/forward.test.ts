import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { jsonErrors } from '../../runtime/http/json-error.ts';
import { createLogger } from '../../runtime/logger.ts';
import { alertCommands, forwardRouter } from './forward.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const front = (url: string) =>
  listen(
    express()
      .use(forwardRouter([{ url, routes: alertCommands }]))
      .use(jsonErrors(createLogger({ level: 'silent', name: 'test' }))),
  );

test('a command reaches the service that owns it, with its body, and the answer comes back whole', async () => {
  const service = await listen(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(409, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method, url: request.url, body: Buffer.concat(chunks).toString() }));
  });
  const answer = await fetch(`${await front(service)}/api/v1/alerts/a%2Fb/snooze?x=1`, {
    method: 'POST',
    body: 'until',
  });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toEqual({ method: 'POST', url: '/api/v1/alerts/a%2Fb/snooze?x=1', body: 'until' });
});

test('a service that cannot be reached is 503, and says that nothing was done', async () => {
  const answer = await fetch(`${await front('http://127.0.0.1:1')}/api/v1/alerts/a/acknowledge`, { method: 'POST' });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(await answer.json()).toMatchObject({ error: { hint: expect.stringContaining('Nothing was done') } });
});

test('only the commands that are listed are handed on', async () => {
  const service = await listen((_request, response) => response.end('reached'));
  expect((await fetch(`${await front(service)}/api/v1/secrets`)).status).toBe(404);
});
