// Where a rebuild fills its second set of tables and metrics, by the engines that serve.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import { postgresConnection } from '../runtime/database/postgres-settings.ts';
import { influxConnection } from '../storage/metric-store/influx-settings.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { influxRebuild } from '../storage/rebuild/influx-rebuild.ts';
import { postgresTarget } from '../storage/rebuild/postgres-target.ts';
import { metricsInTables, type Rebuild } from '../storage/rebuild/rebuild-store.ts';
import { sqliteTarget } from '../storage/rebuild/sqlite-target.ts';
import type { StoreDatabase } from '../storage/tables.ts';
import type { EngineSettings } from './settings.ts';

export function rebuildPlaces(
  settings: EngineSettings,
  serving: StoreDatabase,
  clock: Clock,
): Pick<Rebuild, 'target' | 'metrics'> {
  const { DATABASE_URL, DATA_DIR } = settings;
  const influx = influxConnection(settings);
  return {
    target: DATABASE_URL
      ? postgresTarget(postgresConnection({ ...settings, DATABASE_URL }, (path) => readFileSync(path, 'utf8')))
      : sqliteTarget(join(DATA_DIR, 'store.db')),
    metrics: influx
      ? influxRebuild({ connection: influx, serving, clock })
      : metricsInTables((store) => createSqlMetricStore(store)),
  };
}
