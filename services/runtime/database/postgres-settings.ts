// How to reach PostgreSQL: DATABASE_URL as providers hand it out, with the sslmode of libpq. pg reads sslmode in its own way (its `require` verifies),
// so TLS is decided here, and `prefer` is refused, because it may go on without TLS and nobody notices.
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { SettingsError, setting } from '../settings.ts';

export const postgresSettings = z.object({
  DATABASE_URL: setting
    .text()
    .regex(/^postgres(ql)?:\/\/./, 'expected postgres://user:password@host:5432/database')
    .optional()
    .describe(
      'PostgreSQL (15 or newer) instead of the embedded databases: `postgres://user:password@host:5432/database`, with `?sslmode=` `require`, `verify-ca` or `verify-full` for TLS.',
    ),
  DATABASE_SSL_CA_FILE: setting
    .text()
    .optional()
    .describe('File with the certificate authority of the database server (PEM).'),
  DATABASE_POOL_SIZE: setting
    .wholeNumber()
    .min(2)
    .default(5)
    .describe('Connections to each of the two schemas at most, per process.'),
  DATABASE_TIMEOUT_MS: setting
    .wholeNumber()
    .min(1000)
    .default(30_000)
    .describe('A statement that takes longer is cancelled.'),
  DATABASE_ROLE_PASSWORD: setting
    .text()
    .optional()
    .describe(
      'Read by `prepare`: makes one role per service (`oura_ingest`, `oura_archive` …) with this password and the rights it needs.',
    ),
});
export type PostgresSettings = z.output<typeof postgresSettings>;

export interface PostgresConnection {
  /** Without its TLS parameters. */
  url: string;
  /** False is a connection in the clear. */
  ssl: ConnectionOptions | false;
  poolSize: number;
  timeoutMs: number;
}

const tlsParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl'];

/** @throws SettingsError, without the address: it holds a password */
export function postgresConnection(
  settings: PostgresSettings & { DATABASE_URL: string },
  readFile: (path: string) => string,
): PostgresConnection {
  if (!URL.canParse(settings.DATABASE_URL))
    throw new SettingsError([
      'DATABASE_URL: expected an address; characters like @, / and # in the password are written as %40, %2F and %23',
    ]);
  const url = new URL(settings.DATABASE_URL);
  const given = (name: string) => url.searchParams.get(name) ?? undefined;
  const read = (what: string, path: string) => {
    try {
      return readFile(path);
    } catch {
      throw new SettingsError([`${what}: the file ${path} cannot be read`]);
    }
  };
  const caFile = settings.DATABASE_SSL_CA_FILE ?? given('sslrootcert');
  const ca = caFile === undefined || caFile === 'system' ? undefined : read('DATABASE_SSL_CA_FILE', caFile);
  const [certFile, keyFile] = [given('sslcert'), given('sslkey')];
  const ssl = tlsOf(given('sslmode') ?? (given('ssl') === 'true' ? 'verify-full' : undefined), ca);
  if (ssl && certFile) ssl.cert = read('sslcert in DATABASE_URL', certFile);
  if (ssl && keyFile) ssl.key = read('sslkey in DATABASE_URL', keyFile);
  for (const name of tlsParameters) url.searchParams.delete(name);
  return { url: url.href, ssl, poolSize: settings.DATABASE_POOL_SIZE, timeoutMs: settings.DATABASE_TIMEOUT_MS };
}

/** The modes of libpq (https://www.postgresql.org/docs/15/libpq-ssl.html): `require` verifies the chain only when a CA is given. */
function tlsOf(mode: string | undefined, ca: string | undefined): ConnectionOptions | false {
  const withCa = ca === undefined ? {} : { ca };
  const anyName = { checkServerIdentity: () => undefined };
  switch (mode ?? (ca === undefined ? 'disable' : 'verify-full')) {
    case 'disable':
      return false;
    case 'no-verify':
      return { rejectUnauthorized: false };
    case 'require':
      return ca === undefined ? { rejectUnauthorized: false } : { ...withCa, ...anyName };
    case 'verify-ca':
      return { ...withCa, ...anyName };
    case 'verify-full':
      return { ...withCa };
    default:
      throw new SettingsError([
        `DATABASE_URL: sslmode=${mode} is not supported, because it may go on without TLS unnoticed: use disable, require, verify-ca or verify-full`,
      ]);
  }
}
