// One PostgreSQL for all test files of the project "modules on PostgreSQL"; postgres-global-teardown.ts stops it.
import { type PostgresServer, startPostgres } from './postgres-container.ts';

declare global {
  var modulesPostgres: PostgresServer | undefined;
}

export default async function setUp(): Promise<void> {
  globalThis.modulesPostgres = await startPostgres();
  process.env.TEST_POSTGRES_URL = await globalThis.modulesPostgres.createDatabase();
}
