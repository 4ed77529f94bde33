// Stops what postgres-global-setup.ts has started.
import './postgres-global-setup.ts';

export default async function tearDown(): Promise<void> {
  await globalThis.modulesPostgres?.stop();
}
