// The metric store on a real InfluxDB: the conformance suite, and what is particular to this engine.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createInfluxClient } from '../../services/storage/metric-store/influx-client.ts';
import { createInfluxMetricStore } from '../../services/storage/metric-store/influx-metric-store.ts';
import type { InfluxConnection } from '../../services/storage/metric-store/influx-settings.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import type { StoreDatabase } from '../../services/storage/tables.ts';
import { metricStoreChecks } from '../conformance/metric-store.ts';
import { openTestStore } from '../support/databases.ts';
import { type InfluxServer, startInflux } from './influx-container.ts';

let server: InfluxServer;
let connection: InfluxConnection;
let database: StoreDatabase;
let store: MetricStore;

beforeAll(async () => {
  server = await startInflux();
  connection = server.connection();
  database = await openTestStore();
  const client = createInfluxClient(connection);
  await client.ensureBucket(connection.bucket);
  store = createInfluxMetricStore({ client, database, bucket: connection.bucket });
});

afterAll(async () => {
  await database?.close();
  await server?.stop();
});

test.each(metricStoreChecks.map((check) => [check.name, check] as const))('%s', (_name, check) => check.run(store));
