import { expect, test } from '@jest/globals';
import { readSettings } from '../settings.ts';
import { postgresConnection, postgresSettings } from './postgres-settings.ts';

const files: Readonly<Record<string, string>> = { '/ca.pem': 'CA', '/cert.pem': 'CERT', '/key.pem': 'KEY' };
const readFile = (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};
const connection = (query: string, more: Record<string, string> = {}) => {
  const settings = readSettings(postgresSettings, {
    DATABASE_URL: `postgres://me:p%40ss@db:5432/oura${query}`,
    ...more,
  });
  return postgresConnection({ ...settings, DATABASE_URL: settings.DATABASE_URL ?? '' }, readFile);
};

test.each([
  ['', false],
  ['?sslmode=disable', false],
  ['?sslmode=no-verify', { rejectUnauthorized: false }],
  ['?sslmode=require', { rejectUnauthorized: false }],
  ['?sslmode=require&sslrootcert=/ca.pem', { ca: 'CA', checkServerIdentity: expect.any(Function) }],
  ['?sslmode=verify-ca&sslrootcert=/ca.pem', { ca: 'CA', checkServerIdentity: expect.any(Function) }],
  ['?sslmode=verify-full', {}],
  ['?sslmode=verify-full&sslrootcert=system', {}],
  ['?sslmode=verify-full&sslrootcert=/ca.pem', { ca: 'CA' }],
  ['?ssl=true', {}],
  ['?sslmode=verify-full&sslcert=/cert.pem&sslkey=/key.pem', { cert: 'CERT', key: 'KEY' }],
])('TLS as in "%s" is %p', (query, ssl) => {
  expect(connection(query).ssl).toEqual(ssl);
});

test('a certificate authority alone asks for full verification', () => {
  expect(connection('', { DATABASE_SSL_CA_FILE: '/ca.pem' }).ssl).toEqual({ ca: 'CA' });
  expect(connection('?sslmode=disable', { DATABASE_SSL_CA_FILE: '/ca.pem' }).ssl).toBe(false);
});

test('TLS parameters are taken out of the address, the others stay', () => {
  const { url } = connection('?sslmode=require&target_session_attrs=read-write');
  expect(url).toBe('postgres://me:p%40ss@db:5432/oura?target_session_attrs=read-write');
});

test('a mode that may go on without TLS is refused', () => {
  for (const mode of ['prefer', 'allow', 'maybe'])
    expect(() => connection(`?sslmode=${mode}`)).toThrow(`sslmode=${mode} is not supported`);
});

test('what cannot be used is explained without the password', () => {
  expect(() => connection('?sslmode=verify-full&sslrootcert=/none.pem')).toThrow('/none.pem cannot be read');
  expect(() => readSettings(postgresSettings, { DATABASE_URL: 'mysql://me:hush@db/oura' })).toThrow(
    /DATABASE_URL: expected postgres:\/\/user(?!.*hush)/,
  );
  const settings = { ...readSettings(postgresSettings, {}), DATABASE_URL: 'postgres://me:hu/sh#@db:x/oura' };
  expect(() => postgresConnection(settings, readFile)).toThrow(/written as %40(?!.*hu\/sh)/);
});

test('pool and timeout have defaults and limits', () => {
  expect(connection('')).toMatchObject({ poolSize: 5, timeoutMs: 30_000 });
  expect(() => connection('', { DATABASE_POOL_SIZE: '1', DATABASE_TIMEOUT_MS: 'soon' })).toThrow(
    /DATABASE_POOL_SIZE: expected a whole number, 2 or more\n.*DATABASE_TIMEOUT_MS: expected a whole number/,
  );
});
