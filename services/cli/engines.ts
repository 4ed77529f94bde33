// Which engine stands behind each port: the embedded one, or the one whose variable is set. Each variable switches its own adapter alone. The data
// folder is owned by one process at a time as long as anything embedded stands in it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '../../schemas/topics.ts';
import type { Clock } from '../runtime/clock.ts';
import { openSqliteDatabase } from '../runtime/database/sqlite-database.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { stateMigrations } from '../storage/migrations/state-migrations.ts';
import { storeMigrations } from '../storage/migrations/store-migrations.ts';
import type { StateDatabase, StateTables, StoreDatabase, StoreTables } from '../storage/tables.ts';
import type { EngineSettings } from './settings.ts';

export interface Engines {
  log: MessageLog;
  store: StoreDatabase;
  state: StateDatabase;
  metricStore: MetricStore;
  /** Closes what was opened, the log first: what is appended no more is handled no more. */
  close(): Promise<void>;
}

// As many as a stack has by default, so that a copied log keeps its partitions.
const embeddedPartitions = 6;

export const isEmbedded = ({ KAFKA_BROKERS, DATABASE_URL }: EngineSettings): boolean => !KAFKA_BROKERS || !DATABASE_URL;

/** @throws Failure when an engine cannot be opened; what was open by then is closed */
export async function openEngines(settings: EngineSettings, clock: Clock): Promise<Engines> {
  if (isEmbedded(settings)) mkdirSync(settings.DATA_DIR, { recursive: true, mode: 0o700 });
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Engine extends { close(): Promise<void> }>(engine: Engine): Engine => {
    opened.push(engine);
    return engine;
  };
  const close = async () => {
    for (const engine of opened.toReversed()) await engine.close();
  };
  try {
    const { store, state } = await openDatabases(settings);
    keep(state);
    keep(store);
    const metricStore = keep(createSqlMetricStore(store));
    const log = keep(await openLog(settings, clock));
    return { log, store, state, metricStore, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLog({ DATA_DIR }: EngineSettings, clock: Clock): Promise<MessageLog> {
  return openSqliteLog({ path: join(DATA_DIR, 'log.db'), topics: topicNames, partitions: embeddedPartitions, clock });
}

async function openDatabases({ DATA_DIR }: EngineSettings): Promise<{ store: StoreDatabase; state: StateDatabase }> {
  return {
    store: await openSqliteDatabase<StoreTables>({ path: join(DATA_DIR, 'store.db'), migrations: storeMigrations }),
    state: await openSqliteDatabase<StateTables>({ path: join(DATA_DIR, 'state.db'), migrations: stateMigrations }),
  };
}
