// Opens the metric store on InfluxDB: makes the bucket that serves if it is missing, and leads InfluxQL's name of it there after a rebuild.
import type { Database } from '../../runtime/database/database.ts';
import { type MetricLedgerTables, servingBucket } from '../metric-ledger.ts';
import { createInfluxClient } from './influx-client.ts';
import { createInfluxMetricStore } from './influx-metric-store.ts';
import type { InfluxConnection } from './influx-settings.ts';
import type { MetricStore } from './metric-store.ts';

/** @throws Failure `dependency` while it cannot be reached, `configuration` when it refuses us */
export async function openInfluxMetricStore(
  connection: InfluxConnection,
  database: Database<MetricLedgerTables>,
): Promise<MetricStore> {
  const client = createInfluxClient(connection);
  const { bucket } = connection;
  const serving = (await servingBucket(database.read)) ?? bucket;
  await client.ensureBucket(serving);
  if (serving !== bucket) await client.mapDatabase(bucket, serving);
  return createInfluxMetricStore({ client, database, bucket });
}
