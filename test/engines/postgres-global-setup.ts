// One PostgreSQL for all test files of the project "modules on PostgreSQL".
import { startPostgres } from './postgres-container.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  process.env.TEST_POSTGRES_URL = await server.createDatabase();
  return server.stop;
}
