// Which engine stands behind each port: the embedded one, or the one whose variable is set. Each variable switches its own adapter alone. Embedded
// files are owned by one process at a time (application.ts, access.ts take the lock); engines of the stack are shared by many. Their clients are
// loaded only where they are used: a small machine keeps the memory.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '../../schemas/topics.ts';
import type { Clock } from '../runtime/clock.ts';
import { makeDataFolder } from '../runtime/data-folder.ts';
import { postgresConnection } from '../runtime/database/postgres-settings.ts';
import { openSqliteDatabase } from '../runtime/database/sqlite-database.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { influxConnection } from '../storage/metric-store/influx-settings.ts';
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
const name = 'oura-streaming';

export const isEmbedded = ({ KAFKA_BROKERS, DATABASE_URL }: EngineSettings): boolean => !KAFKA_BROKERS || !DATABASE_URL;

/** @throws Failure when an engine cannot be opened; what was open by then is closed */
export async function openEngines(settings: EngineSettings, clock: Clock): Promise<Engines> {
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Engine extends { close(): Promise<void> }>(engine: Engine): Engine => {
    opened.push(engine);
    return engine;
  };
  const close = async () => {
    for (const engine of opened.toReversed()) await engine.close();
  };
  try {
    const state = keep(await openState(settings));
    const store = keep(await openStore(settings));
    const metricStore = keep(await openMetricStore(settings, store));
    const log = keep(await openLog(settings, clock));
    return { log, store, state, metricStore, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Makes what a shared engine lacks: topics and the bucket, whose name InfluxQL then finds; tables are made when a database is opened. Returns how topics
 * still differ, in sentences.
 */
export async function prepareEngines(settings: EngineSettings): Promise<string[]> {
  const influx = influxConnection(settings);
  if (influx) {
    const { openInfluxMetricStore } = await import('../storage/metric-store/open-influx-metric-store.ts');
    const store = await openStore(settings);
    try {
      await openInfluxMetricStore(influx, store);
    } finally {
      await store.close();
    }
  }
  if (!settings.KAFKA_BROKERS) return [];
  const { differenceSentence, ensureTopics } = await import('../runtime/log/kafka-topics.ts');
  const differences = await ensureTopics(await kafkaConfigOf(settings), topicPlan(settings));
  return differences.map((difference) => differenceSentence(difference));
}

export const topicPlan = ({ KAFKA_PARTITIONS }: EngineSettings) => ({
  topics: topicNames,
  partitions: KAFKA_PARTITIONS,
});

async function kafkaConfigOf(settings: EngineSettings) {
  const { kafkaConfig } = await import('../runtime/log/kafka-config.ts');
  return kafkaConfig(settings, name);
}

export async function openLog(settings: EngineSettings, clock: Clock): Promise<MessageLog> {
  if (settings.KAFKA_BROKERS) {
    const { openKafkaLog } = await import('../runtime/log/kafka-log.ts');
    return openKafkaLog({ config: await kafkaConfigOf(settings), topics: topicNames, clock });
  }
  const path = fileIn(settings, 'log');
  return openSqliteLog({ path, topics: topicNames, partitions: embeddedPartitions, clock });
}

function fileIn({ DATA_DIR }: EngineSettings, database: 'log' | 'store' | 'state'): string {
  makeDataFolder(DATA_DIR);
  return join(DATA_DIR, `${database}.db`);
}

const openStore = (settings: EngineSettings): Promise<StoreDatabase> =>
  openDatabase<StoreTables>(settings, 'store', storeMigrations);

const openState = (settings: EngineSettings): Promise<StateDatabase> =>
  openDatabase<StateTables>(settings, 'state', stateMigrations);

async function openDatabase<Tables>(
  settings: EngineSettings,
  schema: 'store' | 'state',
  migrations: typeof storeMigrations,
) {
  const { DATABASE_URL } = settings;
  if (!DATABASE_URL) return openSqliteDatabase<Tables>({ path: fileIn(settings, schema), migrations });
  const { openPostgresDatabase } = await import('../runtime/database/postgres-database.ts');
  const connection = postgresConnection({ ...settings, DATABASE_URL }, (path) => readFileSync(path, 'utf8'));
  return openPostgresDatabase<Tables>({ connection, schema, applicationName: name, migrations });
}

async function openMetricStore(settings: EngineSettings, store: StoreDatabase): Promise<MetricStore> {
  const influx = influxConnection(settings);
  if (!influx) return createSqlMetricStore(store);
  const { createInfluxClient } = await import('../storage/metric-store/influx-client.ts');
  const { createInfluxMetricStore } = await import('../storage/metric-store/influx-metric-store.ts');
  return createInfluxMetricStore({ client: createInfluxClient(influx), database: store, bucket: influx.bucket });
}
