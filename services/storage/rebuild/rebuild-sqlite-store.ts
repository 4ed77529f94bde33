// The rebuild of an embedded store: a second file beside the one that serves is filled from the log, then the serving one takes over its content. A
// file that an earlier, interrupted rebuild left is thrown away: it may have been made by another version of the mapping.
import { rmSync } from 'node:fs';
import type { Clock } from '../../runtime/clock.ts';
import type { ConsumerDefinition } from '../../runtime/consumer/consumer.ts';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import type { MetricStore } from '../metric-store/metric-store.ts';
import { createSqlMetricStore } from '../metric-store/sql-metric-store.ts';
import { storeMigrations } from '../migrations/store-migrations.ts';
import type { StoreTables } from '../tables.ts';
import { type RefillParts, type RefillReport, refillStore } from './refill-store.ts';
import { switchSqliteStore } from './switch-sqlite-store.ts';

export interface SqliteRebuild {
  log: MessageLog;
  clock: Clock;
  /** `DATA_DIR/store.db`, which goes on serving. */
  path: string;
  /** The consumers of the store, made for the one that is filled; they publish nothing. */
  definitions(metricStore: MetricStore): readonly ConsumerDefinition<StoreTables>[];
  onProgress?: NonNullable<RefillParts['onProgress']>;
  signal?: AbortSignal;
}

/** @throws Failure, or the signal's reason; then the serving store is as it was */
export async function rebuildSqliteStore(rebuild: SqliteRebuild): Promise<RefillReport> {
  const { path, log, clock, definitions, onProgress, signal } = rebuild;
  const rebuiltPath = `${path}.rebuild`;
  remove(rebuiltPath);
  try {
    const store = await openSqliteDatabase<StoreTables>({ path: rebuiltPath, migrations: storeMigrations });
    let report: RefillReport;
    try {
      const consumers = definitions(createSqlMetricStore(store));
      const parts = { log, store, clock, definitions: consumers, ...(signal && { signal }) };
      report = await refillStore({ ...parts, ...(onProgress && { onProgress }) });
      // What was appended meanwhile: little, and after the switch the running consumers handle the rest.
      await refillStore(parts);
    } finally {
      await store.close();
    }
    await switchSqliteStore({ path, rebuiltPath });
    return report;
  } finally {
    remove(rebuiltPath);
  }
}

function remove(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
