// A real PostgreSQL for tests: one container per test file, a database of its own per subject. Its name holds `test`.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { PostgresConnection } from '../../services/runtime/database/postgres-settings.ts';
import type { ServerCertificate } from './certificates.ts';

export interface PostgresServer {
  container: StartedTestContainer;
  /** Makes an empty database and says how to reach it as its owner. */
  createDatabase(): Promise<string>;
  /** From now on it offers TLS. */
  speakTls(proof: ServerCertificate): Promise<void>;
  stop(): Promise<void>;
}

const port = 5432;

export async function startPostgres(): Promise<PostgresServer> {
  const container = await new GenericContainer(process.env.POSTGRES_IMAGE ?? 'postgres:15-alpine')
    .withEnvironment({ POSTGRES_USER: 'owner', POSTGRES_PASSWORD: 'secret', POSTGRES_DB: 'test' })
    .withExposedPorts(port)
    // Not the log line: it comes twice, the first time from the server that only sets up.
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready -h 127.0.0.1 -U owner -d test'))
    .start();
  const urlOf = (database: string) =>
    `postgres://owner:secret@${container.getHost()}:${container.getMappedPort(port)}/${database}`;
  return {
    container,
    async createDatabase() {
      const database = `test_${randomBytes(6).toString('hex')}`;
      await runSql(urlOf('test'), `create database ${database}`);
      return urlOf(database);
    },
    async speakTls({ key, certificate }) {
      await container.copyContentToContainer([
        { content: key, target: '/tmp/server.key' },
        { content: certificate, target: '/tmp/server.crt' },
      ]);
      // It refuses a key that others might read.
      const place = 'install -o postgres -m 600 /tmp/server.key /tmp/server.crt "$PGDATA"';
      const { exitCode, output } = await container.exec(['sh', '-c', place]);
      if (exitCode !== 0) throw new Error(output);
      await runSql(urlOf('test'), 'alter system set ssl = on');
      await runSql(urlOf('test'), 'select pg_reload_conf()');
    },
    stop: async () => void (await container.stop()),
  };
}

export async function runSql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

export const connectionTo = (url: string): PostgresConnection => ({ url, ssl: false, poolSize: 5, timeoutMs: 10_000 });
