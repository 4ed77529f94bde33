import { afterEach, expect, test } from '@jest/globals';
import { type RunningHttpServer, startHttpServer } from '../runtime/http/http-server.ts';
import { claimPorts } from './ports.ts';

const local = { HTTP_HOST: '127.0.0.1', PUBLIC_HOST: '127.0.0.1' };
const both = { isPublic: true };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function inUse(): Promise<RunningHttpServer> {
  const other = await startHttpServer({ name: 'other', host: '127.0.0.1', port: 0, handler: () => {} });
  closers.push(() => other.stop());
  return other;
}

test('all ports in use are said at once, each with the variable that changes it', async () => {
  const [page, reached] = [await inUse(), await inUse()];
  await expect(claimPorts({ ...local, HTTP_PORT: page.port, PUBLIC_PORT: reached.port }, both)).rejects.toMatchObject({
    kind: 'configuration',
    message: expect.stringMatching(
      /the page cannot listen .* HTTP_PORT=\d+.*\n.*Oura reaches cannot listen .* PUBLIC_PORT=\d+/,
    ),
  });
});

test('where one port is in use, the other is not held', async () => {
  const reached = await inUse();
  const free = await startHttpServer({ name: 'free', host: '127.0.0.1', port: 0, handler: () => {} });
  await free.stop();
  await expect(claimPorts({ ...local, HTTP_PORT: free.port, PUBLIC_PORT: reached.port }, both)).rejects.toThrow();
  const ports = await claimPorts({ ...local, HTTP_PORT: free.port, PUBLIC_PORT: 0 }, both);
  closers.push(() => ports.stop());
  expect(ports.main.port).toBe(free.port);
});

test('whoever comes before the handlers are there is told to come back, never that it is their fault', async () => {
  const ports = await claimPorts({ ...local, HTTP_PORT: 0, PUBLIC_PORT: 0 }, both);
  closers.push(() => ports.stop());
  const early = await fetch(`${ports.public?.url}/webhooks/oura`, { method: 'POST', body: '{}' });
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await early.json()).toMatchObject({ error: { code: 'starting' } });
  ports.openMain((_request, response) => response.end('page'));
  ports.openPublic((_request, response) => response.end('public'));
  expect(await (await fetch(ports.main.url)).text()).toBe('page');
  expect(await (await fetch(String(ports.public?.url))).text()).toBe('public');
});

test('one port serves both where it is asked for, and none is public without ingest', async () => {
  const free = await startHttpServer({ name: 'free', host: '127.0.0.1', port: 0, handler: () => {} });
  await free.stop();
  const shared = await claimPorts({ ...local, HTTP_PORT: free.port, PUBLIC_PORT: free.port }, both);
  closers.push(() => shared.stop());
  expect(shared.public).toBe(shared.main);
  const inner = await claimPorts({ ...local, HTTP_PORT: 0, PUBLIC_PORT: 0 }, { isPublic: false });
  closers.push(() => inner.stop());
  expect(inner.public).toBeUndefined();
});
