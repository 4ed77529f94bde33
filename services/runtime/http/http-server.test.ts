import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { listenProblem, startHttpServer } from './http-server.ts';

const local = { name: 'the page', host: '127.0.0.1', port: 0 };

test('the system may choose the port, and the address is one a person can open', async () => {
  const running = await startHttpServer({ ...local, handler: (_request, response) => response.end('hello') });
  expect(running.url).toBe(`http://localhost:${running.port}`);
  expect(await (await fetch(running.url)).text()).toBe('hello');
  await running.stop();
  await running.stop();
});

test('a port in use is a sentence with what to do', async () => {
  const first = await startHttpServer({ ...local, handler: () => {} });
  await expect(startHttpServer({ ...local, port: first.port, handler: () => {} })).rejects.toMatchObject({
    kind: 'configuration',
    message: expect.stringMatching(/the page cannot listen on 127\.0\.0\.1:\d+: another program .* HTTP_PORT=\d+/),
  });
  await first.stop();
});

test.each([
  ['EACCES', /PORT to 1024 or above/],
  ['EADDRNOTAVAIL', /no such address\. Set HTTP_HOST/],
  ['ENOTFOUND', /no such address/],
  ['EMFILE', /too many/],
])('%s is explained', (code, sentence) => {
  expect(listenProblem({ code, message: 'too many open files' }, local)).toMatch(sentence);
});

test('stop lets the request at hand finish, closes idle connections and takes no new one', async () => {
  let answer: () => void = () => {};
  const arrived = Promise.withResolvers<void>();
  const running = await startHttpServer({
    ...local,
    handler: (_request, response) => {
      answer = () => response.end('finished');
      arrived.resolve();
    },
  });
  const idle = connect(running.port, '127.0.0.1').resume();
  await once(idle, 'connect');
  const idleClosed = once(idle, 'close');
  const pending = fetch(running.url);
  await arrived.promise;
  const stopping = running.stop();
  await expect(fetch(running.url)).rejects.toThrow('fetch failed');
  answer();
  expect(await (await pending).text()).toBe('finished');
  await Promise.all([stopping, idleClosed]);
});

test('a request that never ends is cut after the drain time', async () => {
  const arrived = Promise.withResolvers<void>();
  const running = await startHttpServer({ ...local, drainTimeoutMs: 1, handler: () => arrived.resolve() });
  const request = get(running.url, (_response: IncomingMessage) => {});
  const failed = once(request, 'error');
  await arrived.promise;
  await running.stop();
  expect(String(await failed)).toContain('socket hang up');
});
