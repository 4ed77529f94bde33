import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createSecrets } from './secrets.ts';

const key = () => randomBytes(32);
const place = 'grant/u1/refresh_token';

test('what was encrypted for a place decrypts there, and never looks the same twice', () => {
  const secrets = createSecrets([key()]);
  for (const plain of ['', 'token', 'ünï\u0000cödé', 'x'.repeat(10_000)]) {
    const [first, second] = [secrets.encrypt(plain, place), secrets.encrypt(plain, place)];
    expect(first).not.toBe(second);
    if (plain) expect(Buffer.from(first.split('.')[2] ?? '', 'base64url').includes(plain)).toBe(false);
    expect([secrets.decrypt(first, place), secrets.decrypt(second, place)]).toEqual([plain, plain]);
  }
});

test('a value that was moved, changed or cut does not decrypt', () => {
  const secrets = createSecrets([key()]);
  const [version, id, text = ''] = secrets.encrypt('token', place).split('.');
  const sealed = Buffer.from(text, 'base64url');
  expect(() => secrets.decrypt(`${version}.${id}.${text}`, 'grant/u2/refresh_token')).toThrow('belongs elsewhere');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => secrets.decrypt(`${version}.${id}.${changed.toString('base64url')}`, place)).toThrow('was changed');
    expect(() => secrets.decrypt(`${version}.${id}.${sealed.subarray(0, at).toString('base64url')}`, place)).toThrow(
      'was changed',
    );
  }
  expect(() => secrets.decrypt('plain text', place)).toThrow('not in a form');
});

test('another key says which one is missing and what to do, without telling either', () => {
  const [mine, other] = [key(), key()];
  const encrypted = createSecrets([other]).encrypt('token', place);
  const decrypt = () => createSecrets([mine]).decrypt(encrypted, place);
  expect(decrypt).toThrow(expect.objectContaining({ kind: 'configuration' }));
  expect(decrypt).toThrow(/encrypted with key [0-9a-f]{8}, but the key here is [0-9a-f]{8}: .*SECRETS_KEY/);
  expect(decrypt).not.toThrow(new RegExp(`${mine.toString('hex').slice(0, 8)}|token'`));
});

test('a key is rotated by putting the new one first', () => {
  const [before, after] = [key(), key()];
  const encrypted = createSecrets([before]).encrypt('token', place);
  const rotating = createSecrets([after, before]);
  expect(rotating.isOutdated(encrypted)).toBe(true);
  const again = rotating.encrypt(rotating.decrypt(encrypted, place), place);
  expect(rotating.isOutdated(again)).toBe(false);
  expect(createSecrets([after]).decrypt(again, place)).toBe('token');
});
