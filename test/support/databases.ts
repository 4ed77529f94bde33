// Databases for tests: the real SQLite adapter in memory, with all tables.
import { openSqliteDatabase } from '../../services/runtime/database/sqlite-database.ts';
import { stateMigrations } from '../../services/storage/migrations/state-migrations.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import type { StateDatabase, StateTables, StoreDatabase, StoreTables } from '../../services/storage/tables.ts';

export const openTestStore = (): Promise<StoreDatabase> =>
  openSqliteDatabase<StoreTables>({ path: ':memory:', migrations: storeMigrations });

export const openTestState = (): Promise<StateDatabase> =>
  openSqliteDatabase<StateTables>({ path: ':memory:', migrations: stateMigrations });
