// Which engine stands behind each port: the embedded one, or the one whose variable is set. Each variable switches its own adapter alone.
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { topicNames } from '../../schemas/topics.ts';
import type { Clock } from '../runtime/clock.ts';
import { type DataFolder, openDataFolder } from '../runtime/data-folder.ts';
import { openSqliteDatabase } from '../runtime/database/sqlite-database.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { stateMigrations } from '../storage/migrations/state-migrations.ts';
import { storeMigrations } from '../storage/migrations/store-migrations.ts';
import type { StateDatabase, StateTables, StoreDatabase, StoreTables } from '../storage/tables.ts';

/** Everything a service may be given. */
export interface Parts {
  log: MessageLog;
  store: StoreDatabase;
  state: StateDatabase;
  metricStore: MetricStore;
  clock: Clock;
  logger: Logger;
  registry: Registry;
}
