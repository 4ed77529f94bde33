// PostgreSQL over TLS, reached by DATABASE_URL as people have it; and what is said when it proves itself with a certificate that is not trusted.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import { postgresConnection, postgresSettings } from '../../services/runtime/database/postgres-settings.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { type ProbeTables, probeMigrations } from '../conformance/database-subject.ts';
import { closing } from '../support/closing.ts';
import { type Certificates, createCertificates } from './certificates.ts';
import { startPostgres } from './postgres-container.ts';

const keptForAll = closing(afterAll);
const kept = closing(afterEach);
let certificates: Certificates;
let url = '';
/** Of a server whose certificate names another host. */
let urlOfOther = '';

beforeAll(async () => {
  certificates = keptForAll(createCertificates());
  const server = keptForAll(await startPostgres());
  await server.speakTls(certificates.serverAt(server.container.getHost()));
  url = await server.createDatabase();
  const other = keptForAll(await startPostgres());
  await other.speakTls(certificates.serverAt('other.example'));
  urlOfOther = await other.createDatabase();
});

async function open(query: string, at = url) {
  const environment = { DATABASE_URL: `${at}?${query}` };
  const connection = postgresConnection({ ...readSettings(postgresSettings, environment), ...environment }, (path) =>
    readFileSync(path, 'utf8'),
  );
  return kept(
    await openPostgresDatabase<ProbeTables>({
      connection,
      schema: 'state',
      applicationName: 'tls',
      migrations: probeMigrations,
    }),
  );
}

const isEncrypted = async (query: string, at = url) => {
  const { read } = await open(query, at);
  const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(read);
  return rows[0]?.ssl;
};

test('each sslmode reaches it, encrypted', async () => {
  expect(await isEncrypted('sslmode=disable')).toBe(false);
  expect(await isEncrypted('sslmode=require')).toBe(true);
  for (const mode of ['require', 'verify-ca', 'verify-full'])
    expect(await isEncrypted(`sslmode=${mode}&sslrootcert=${certificates.caFile}`)).toBe(true);
});

test('a certificate that is not trusted, or of another host, is a matter of configuration', async () => {
  const authority = `sslrootcert=${certificates.caFile}`;
  for (const query of [`sslmode=verify-ca&sslrootcert=${certificates.otherCaFile}`, 'sslmode=verify-full'])
    await expect(open(query)).rejects.toMatchObject({ kind: 'configuration' });
  expect(await isEncrypted(`sslmode=verify-ca&${authority}`, urlOfOther)).toBe(true);
  await expect(open(`sslmode=verify-full&${authority}`, urlOfOther)).rejects.toMatchObject({ kind: 'configuration' });
});

test('a server without TLS is not spoken to in the clear', async () => {
  const plain = keptForAll(await startPostgres());
  const at = await plain.createDatabase();
  await expect(open('sslmode=require', at)).rejects.toMatchObject({ kind: 'configuration' });
  expect(await isEncrypted('sslmode=disable', at)).toBe(false);
});
