import { expect, test } from '@jest/globals';
import { refusalOf } from './attach-web-socket.ts';

const admission = { password: undefined, allowedHosts: ['ring.example'], maxPages: 2 };
const request = (headers: Record<string, string> = {}, url = '/ws?user=anna') => ({
  method: 'GET',
  url,
  headers: { host: 'localhost:8000', ...headers },
});
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`,
});

test.each([
  ['a page of our own', request({ origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }), undefined],
  ['a program without an origin', request(), undefined],
  ['a configured host', request({ host: 'ring.example' }), undefined],
  ['a page from elsewhere', request({ origin: 'https://evil.example' }), 403],
  ['a page that calls itself opaque', request({ origin: 'null' }), 403],
  ['a host name of somebody else', request({ host: 'evil.example' }), 421],
  ['another address', request({}, '/socket'), 404],
])('%s', (_, asked, status) => {
  expect(refusalOf(asked, admission, 0)?.status).toBe(status);
});

test('with a password the handshake needs it', () => {
  const guarded = { ...admission, password: 'correct horse battery' };
  expect(refusalOf(request(), guarded, 0)?.status).toBe(401);
  expect(refusalOf(request(basic('wrong')), guarded, 0)?.status).toBe(401);
  expect(refusalOf(request(basic('correct horse battery')), guarded, 0)).toBeNull();
});

test('one page too many is told to come back later', () => {
  expect(refusalOf(request(), admission, 1)).toBeNull();
  expect(refusalOf(request(), admission, 2)).toMatchObject({
    status: 503,
    headers: expect.stringContaining('Retry-After'),
  });
});
