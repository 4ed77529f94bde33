// A rebuild with the tables in PostgreSQL and the metrics in InfluxDB: the old tables and bucket serve until the switch, then the new ones, and
// InfluxQL's name leads to what serves.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeDocument } from '../../schemas/document.ts';
import { topicNames } from '../../schemas/topics.ts';
import { archiveConsumer } from '../../services/archive/archive-consumer.ts';
import { normalizeConsumer } from '../../services/normalize/normalize-consumer.ts';
import { openPostgresDatabase } from '../../services/runtime/database/postgres-database.ts';
import type { PostgresConnection } from '../../services/runtime/database/postgres-settings.ts';
import { openSqliteLog, type SqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { ringWith } from '../../services/simulator/testing/life.ts';
import { usualTraps } from '../../services/simulator/traps.ts';
import { loadOffset } from '../../services/storage/consumer-offsets.ts';
import { servingBucket } from '../../services/storage/metric-ledger.ts';
import { createInfluxClient } from '../../services/storage/metric-store/influx-client.ts';
import type { InfluxConnection } from '../../services/storage/metric-store/influx-settings.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import { openInfluxMetricStore } from '../../services/storage/metric-store/open-influx-metric-store.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import { influxRebuild } from '../../services/storage/rebuild/influx-rebuild.ts';
import { postgresTarget } from '../../services/storage/rebuild/postgres-target.ts';
import { rebuildStore } from '../../services/storage/rebuild/rebuild-store.ts';
import { refillStore } from '../../services/storage/rebuild/refill-store.ts';
import type { StoreDatabase, StoreTables } from '../../services/storage/tables.ts';
import { all } from '../conformance/metric-store.ts';
import { closing } from '../support/closing.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';
import { startInflux } from './influx-container.ts';
import { connectionTo, runSql, startPostgres } from './postgres-container.ts';

const clock = createManualClock();
const documents = simulatedDocuments({
  ring: ringWith(usualTraps),
  userId: 'anna',
  fromMs: Date.parse('2026-03-26T00:00:00Z'),
  toMs: Date.parse('2026-04-01T00:00:00Z'),
});
const definitions = (metricStore: MetricStore) => [
  archiveConsumer({ archived: () => {} }),
  normalizeConsumer({ metricStore }),
];

const kept = closing(afterAll);
let log: SqliteLog;
let connection: InfluxConnection;
let postgres: PostgresConnection;
let store: StoreDatabase;
let metricStore: MetricStore;

beforeAll(async () => {
  const [influx, server] = await Promise.all([startInflux().then(kept), startPostgres().then(kept)]);
  connection = influx.connection();
  postgres = connectionTo(await server.createDatabase());
  const [schema, applicationName, migrations] = ['store', 'test', storeMigrations] as const;
  store = kept(await openPostgresDatabase<StoreTables>({ connection: postgres, schema, applicationName, migrations }));
  metricStore = await openInfluxMetricStore(connection, store);
  log = kept(await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 1, clock }));
  await log.append(documents.map((document) => encodeDocument(document)));
  await refillStore({ log, store, clock, definitions: definitions(metricStore) });
});

const influxQl = async (): Promise<number> => {
  const query = new URLSearchParams({ db: connection.bucket, q: 'select count("value") from "heart_rate"' });
  const response = await fetch(`${connection.url}/query?${query}`, {
    headers: { authorization: `Token ${connection.token}` },
  });
  const { results } = (await response.json()) as { results: { series?: { values: number[][] }[] }[] };
  return results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
};

test('tables and bucket are switched together, twice, and say the same; rights and names stay', async () => {
  const expected = await all(metricStore, {});
  const beats = await influxQl();
  expect([expected.length > 5000, beats > 500]).toEqual([true, true]);
  await runSql(postgres.url, 'create role reader; grant select on store.archived_documents to reader;');
  const seen = new Set<string | undefined>();
  for (const round of [1, 2]) {
    await metricStore.apply([
      {
        user_id: 'anna',
        resource: 'workout',
        object_id: `never in the log ${round}`,
        document: 'ce',
        version: 1,
        known_at: '2026-04-01T00:00:00Z',
        via: 'poll',
        deleted: false,
        points: [{ metric: 'workout', aggregation: 'session', unit: '1', start: '2026-03-27T10:00:00Z', value: 1 }],
        series: [],
      },
    ]);
    expect(await all(metricStore, {})).toHaveLength(expected.length + 1);
    await clock.advance(60_000);
    let whileFilling = 0;
    await rebuildStore({
      log,
      clock,
      definitions,
      target: postgresTarget(postgres),
      metrics: influxRebuild({ connection, serving: store, clock }),
      onProgress: () => {
        whileFilling += 1;
      },
    });
    expect(whileFilling).toBeGreaterThan(0);
    expect(JSON.stringify(await all(metricStore, {})) === JSON.stringify(expected)).toBe(true);
    expect(await influxQl()).toBe(beats);
    seen.add(await servingBucket(store.read));
  }
  expect(seen.size).toBe(2);
  const at = { topic: 'oura.documents.v1', partition: 0 };
  expect(await loadOffset(store.read, 'normalize', at)).toBe(documents.length);
  const grants = await runSql(
    postgres.url,
    "select privilege_type from information_schema.role_table_grants where grantee = 'reader' and table_schema = 'store'",
  );
  expect(grants).toEqual([{ privilege_type: 'SELECT' }]);
});

test('a bucket of the old name that somebody makes again does not take the dashboards away', async () => {
  const beats = await influxQl();
  await createInfluxClient(connection).ensureBucket(connection.bucket);
  expect(await influxQl()).toBe(beats);
});

test('a rebuild that is given up leaves bucket and tables as they were', async () => {
  const before = await servingBucket(store.read);
  const expected = await all(metricStore, {});
  await clock.advance(60_000);
  const stop = new AbortController();
  const rebuild = rebuildStore({
    log,
    clock,
    definitions,
    target: postgresTarget(postgres),
    metrics: influxRebuild({ connection, serving: store, clock }),
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('killed')),
  });
  await expect(rebuild).rejects.toThrow('killed');
  expect(await servingBucket(store.read)).toBe(before);
  expect(await all(metricStore, {})).toEqual(expected);
  const schemas = await runSql(
    postgres.url,
    "select 1 from information_schema.schemata where schema_name = 'store_rebuild'",
  );
  expect(schemas).toEqual([]);
});
