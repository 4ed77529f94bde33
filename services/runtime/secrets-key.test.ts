import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadSecretsKeys, parseSecretsKeys } from './secrets-key.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'secrets-key-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('without SECRETS_KEY a key is made once, for this user alone', () => {
  const [first] = loadSecretsKeys({ secretsKey: undefined, dataDir });
  expect(first).toHaveLength(32);
  expect(loadSecretsKeys({ secretsKey: undefined, dataDir })).toEqual([first]);
  const path = join(dataDir, 'secrets.key');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe(`${first?.toString('hex')}\n`);
});

test('a key file that others can read is refused with the remedy', () => {
  loadSecretsKeys({ secretsKey: undefined, dataDir });
  chmodSync(join(dataDir, 'secrets.key'), 0o640);
  expect(() => loadSecretsKeys({ secretsKey: undefined, dataDir })).toThrow(/others can read .*chmod 600/);
});

test('a folder that cannot take the key is named', () => {
  expect(() => loadSecretsKeys({ secretsKey: undefined, dataDir: join(dataDir, 'missing') })).toThrow(
    /cannot write .*secrets\.key/,
  );
});

test('SECRETS_KEY is read as hexadecimal or base64, one key or a list', () => {
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const keys = `${one.toString('hex')}, ${two.toString('base64')},${one.toString('base64url')}`;
  expect(loadSecretsKeys({ secretsKey: keys, dataDir: '/nowhere' })).toEqual([one, two, one]);
});

test.each(['hunter2', 'a'.repeat(63), `${'a'.repeat(64)},`, randomBytes(31).toString('base64'), 'ü'.repeat(43)])(
  'the key %p is refused without being repeated',
  (text) => {
    const parse = () => parseSecretsKeys(text, 'SECRETS_KEY');
    expect(parse).toThrow(/^SECRETS_KEY: expected 32 bytes .*openssl rand -hex 32/);
    expect(parse).not.toThrow(text);
  },
);
