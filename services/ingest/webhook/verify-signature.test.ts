import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SignedRequest, verifySignature } from './verify-signature.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const sign = (secret: string, timestamp: string, body: string) =>
  createHmac('sha256', secret).update(timestamp).update(body).digest('hex').toUpperCase();

const nowMs = Date.parse('2026-11-23T08:00:00Z');
const timestamp = String(nowMs / 1000);
const body = '{"event_type":"update","data_type":"sleep","object_id":"a","user_id":"u"}';
const rules = { secrets: ['client', 'next'], windowMs: 60_000, nowMs };
const request = (change: Partial<SignedRequest> = {}): SignedRequest => ({
  bytes: encode(body),
  timestamp,
  signature: sign('client', timestamp, body),
  ...change,
});
const verdict = (change: Partial<SignedRequest>, more = {}) =>
  verifySignature(request(change), { ...rules, ...more }).kind;

test('the signature of the documentation is accepted, in upper and lower case, with any of the secrets', () => {
  expect(verdict({})).toBe('valid');
  expect(verdict({ signature: sign('client', timestamp, body).toLowerCase() })).toBe('valid');
  expect(verdict({ signature: sign('next', timestamp, body) })).toBe('valid');
  expect(verdict({ signature: sign('old', timestamp, body) })).toBe('forged');
});

test('a body that was signed in its compact form is accepted, and what was signed is told', () => {
  const spaced = '{ "a" : 1,\n "b": "ü" }';
  const compact = '{"a":1,"b":"ü"}';
  const signed = verifySignature(
    request({ bytes: encode(spaced), signature: sign('client', timestamp, compact) }),
    rules,
  );
  expect(signed.kind === 'valid' && new TextDecoder().decode(signed.signed)).toBe(compact);
});

test.each<[string, Partial<SignedRequest>, string]>([
  ['no signature', { signature: undefined }, 'unsigned'],
  ['no timestamp', { timestamp: undefined }, 'unsigned'],
  ['an empty signature', { signature: '' }, 'unsigned'],
  ['a signature that is no digest', { signature: 'zz'.repeat(32) }, 'forged'],
  ['a short signature', { signature: sign('client', timestamp, body).slice(2) }, 'forged'],
  ['a body without its timestamp signed', { signature: sign('client', '', body) }, 'forged'],
  ['another timestamp than the signed one', { timestamp: String(nowMs / 1000 + 1) }, 'forged'],
  ['a changed body', { bytes: encode(body.replace('sleep', 'tag__')) }, 'forged'],
  ['a body that is not JSON', { bytes: encode('{"event_type":') }, 'forged'],
])('%s', (_, change, kind) => {
  expect(verdict(change)).toBe(kind);
});

const at = (text: string, windowMs = 60_000) =>
  verdict({ timestamp: text, signature: sign('client', text, body) }, { windowMs });

test('a timestamp is fresh inside the window, on both sides, in seconds and in milliseconds', () => {
  const seconds = nowMs / 1000;
  expect([seconds - 60, seconds + 60, nowMs - 60_000, nowMs + 60_000].map((n) => at(String(n)))).toEqual(
    Array(4).fill('valid'),
  );
  expect([seconds - 61, seconds + 61, nowMs - 60_001, nowMs + 60_001].map((n) => at(String(n)))).toEqual(
    Array(4).fill('stale'),
  );
  expect(at(`${seconds}.25`)).toBe('valid');
  expect(at('yesterday')).toBe('stale');
});

test('without a window any age is fresh', () => {
  expect(at('1', 0)).toBe('valid');
  expect(at('yesterday', 0)).toBe('valid');
});

test('no change of a signed request is accepted', () => {
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const bytes = encode(body);
      bytes[index] = (bytes[index] ?? 0) ^ flip;
      expect(verdict({ bytes })).toBe('forged');
    }),
  );
});
