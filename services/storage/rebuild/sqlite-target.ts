// The second set of tables of an embedded store: a file beside the one that serves.
import { rmSync } from 'node:fs';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import { storeMigrations } from '../migrations/store-migrations.ts';
import type { StoreTables } from '../tables.ts';
import type { RebuildTarget } from './rebuild-store.ts';
import { switchSqliteStore } from './switch-sqlite-store.ts';

/** @param path `DATA_DIR/store.db`, which goes on serving */
export function sqliteTarget(path: string): RebuildTarget {
  const rebuiltPath = `${path}.rebuild`;
  const clean = async () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(rebuiltPath + suffix, { force: true });
  };
  return {
    clean,
    async open() {
      await clean();
      return openSqliteDatabase<StoreTables>({ path: rebuiltPath, migrations: storeMigrations });
    },
    async switchOver() {
      await switchSqliteStore({ path, rebuiltPath });
    },
  };
}
