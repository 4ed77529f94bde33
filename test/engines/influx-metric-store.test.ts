// The metric store on a real InfluxDB: the conformance suite, and what is particular to this engine: what a crash leaves, what it says when it is down
// or refuses, and that it says the same as the embedded store.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { ringWith } from '../../services/simulator/testing/life.ts';
import { usualTraps } from '../../services/simulator/traps.ts';
import { createInfluxClient, type InfluxClient } from '../../services/storage/metric-store/influx-client.ts';
import { createInfluxMetricStore } from '../../services/storage/metric-store/influx-metric-store.ts';
import type { InfluxConnection } from '../../services/storage/metric-store/influx-settings.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import { openInfluxMetricStore } from '../../services/storage/metric-store/open-influx-metric-store.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import type { StoreDatabase } from '../../services/storage/tables.ts';
import { all, metricStoreChecks } from '../conformance/metric-store.ts';
import { closing } from '../support/closing.ts';
import { openTestStore } from '../support/databases.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';
import { type InfluxServer, startInflux } from './influx-container.ts';

const kept = closing(afterAll);
let server: InfluxServer;
let connection: InfluxConnection;
let client: InfluxClient;
let database: StoreDatabase;
let store: MetricStore;

beforeAll(async () => {
  server = kept(await startInflux());
  connection = server.connection();
  client = createInfluxClient(connection);
  database = kept(await openTestStore());
  store = await openInfluxMetricStore(connection, database);
});

test.each(metricStoreChecks.map((check) => [check.name, check] as const))('%s', (_name, check) => check.run(store));

const night = (user: string, version: number, hours: readonly number[], value = version): MetricsMessage => ({
  user_id: user,
  resource: 'sleep',
  object_id: 'night',
  document: `ce-${version}`,
  version,
  known_at: `2026-11-23T0${version}:00:00Z`,
  via: 'poll',
  deleted: false,
  points: hours.map((hour) => ({
    metric: 'sleep_stage',
    aggregation: 'interval',
    unit: '1',
    start: `2026-11-23T0${hour}:00:00+01:00`,
    value,
  })),
  series: [],
});

const said = async (user: string) =>
  (await all(store, { user })).map(({ start, value }) => `${start.slice(11, 13)} ${value}`);

test('a version that changes little writes and deletes little', async () => {
  const lines: number[] = [];
  let deletions = 0;
  const counted = createInfluxMetricStore({
    database,
    bucket: connection.bucket,
    client: {
      ...client,
      write: (bucket, batch) => {
        lines.push(batch.length);
        return client.write(bucket, batch);
      },
      delete: (bucket, range) => {
        deletions += 1;
        return client.delete(bucket, range);
      },
    },
  });
  const series = {
    metric: 'met',
    aggregation: 'interval_mean',
    unit: '{MET}',
    start: '2026-11-23T04:00:00Z',
    interval_s: 60,
    values: Array.from({ length: 600 }, (_, index) => index),
  };
  const day = (version: number, values: number[]): MetricsMessage => ({
    ...night('little', version, []),
    series: [{ ...series, values }],
  });
  await counted.apply([day(1, series.values)]);
  // The version is a field of every point, so all that stays is written anew; the tail that goes is one deletion.
  await counted.apply([day(2, series.values.slice(0, 500))]);
  expect({ lines, deletions }).toEqual({ lines: [600, 500], deletions: 1 });
  expect(await all(store, { user: 'little' })).toHaveLength(500);
});

/** A client that dies at its `n`-th request that changes something, after or before it reached the server. */
function dyingClient(n: number, isDone: boolean): InfluxClient {
  let requests = 0;
  const dying =
    <Arguments extends unknown[]>(call: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments) => {
      requests += 1;
      if (requests !== n) return call(...given);
      if (isDone) await call(...given);
      throw new Error('killed');
    };
  return { ...client, write: dying(client.write), delete: dying(client.delete) };
}

test.each([
  [1, false],
  [1, true],
  [2, false],
  [2, true],
  [3, true],
] as const)(
  'a kill at change %p (it arrived: %p) leaves nothing stale, even when the next version comes first',
  async (n, isDone) => {
    const user = `killed-${n}-${isDone}`;
    await store.apply([night(user, 1, [1, 2, 3])]);
    const dying = createInfluxMetricStore({ client: dyingClient(n, isDone), database, bucket: connection.bucket });
    await expect(dying.apply([night(user, 2, [2, 5, 7])])).rejects.toThrow('killed');
    await store.apply([night(user, 2, [2, 5, 7]), night(user, 3, [3, 5])]);
    expect(await said(user)).toEqual(['03 3', '05 3']);
  },
);

test('a deletion that died half way is repeated', async () => {
  const user = 'deleted';
  const deletion = { ...night(user, 2, []), deleted: true };
  await store.apply([night(user, 1, [1, 2, 3])]);
  const dying = createInfluxMetricStore({ client: dyingClient(2, true), database, bucket: connection.bucket });
  await expect(dying.apply([deletion])).rejects.toThrow('killed');
  await store.apply([deletion]);
  expect(await said(user)).toEqual([]);
});

test('odd names are kept apart', async () => {
  const users = [`o'b"rien`, 'o b,r=ien', 'ö'];
  const odd = (user: string, value: number): MetricsMessage => {
    const message = night(user, 1, [1]);
    return {
      ...message,
      object_id: `x "${user}"\\`,
      points: message.points.map((point) => ({ ...point, value, context: 'a b' })),
    };
  };
  await store.apply(users.map(odd));
  for (const [value, user] of users.entries()) {
    expect((await all(store, { user })).map((point) => [point.document, point.value])).toEqual([
      [`sleep/x "${user}"\\`, value],
    ]);
  }
  for (const user of users) await store.erase(user);
  for (const user of users) expect(await all(store, { user })).toEqual([]);
});

test('it says the same as the embedded store, over edits, deletions, flights and changes of the clocks', async () => {
  const period = { fromMs: Date.parse('2026-03-23T00:00:00Z'), toMs: Date.parse('2026-04-04T00:00:00Z') };
  const messages = ['anna', 'ben'].flatMap((userId, index) =>
    simulatedDocuments({ ring: ringWith(usualTraps, { ouraUserId: userId }, 5 + index), userId, ...period }).flatMap(
      (document) => {
        const normalized = normalizeDocument(document);
        return normalized.ok ? [normalized.message] : [];
      },
    ),
  );
  const embedded = kept(await openTestStore());
  const sqlStore = createSqlMetricStore(embedded);
  const otherConnection = { ...connection, bucket: `${connection.bucket}_same` };
  const influxStore = await openInfluxMetricStore(otherConnection, kept(await openTestStore()));
  for (let from = 0; from < messages.length; from += 97) {
    const batch = messages.slice(from, from + 97);
    await sqlStore.apply(batch);
    await influxStore.apply(batch);
    // Half of everything comes twice.
    if (from % 2 === 0) await influxStore.apply(batch);
  }
  const points = await all(sqlStore, {});
  expect(points.length).toBeGreaterThan(20_000);
  expect(JSON.stringify(await all(influxStore, {})) === JSON.stringify(points)).toBe(true);
});

test('the bucket keeps its points for ever, in shards of a year', async () => {
  const response = await fetch(`${connection.url}/api/v2/buckets?name=${connection.bucket}`, {
    headers: { authorization: `Token ${connection.token}` },
  });
  const { buckets } = (await response.json()) as { buckets: { retentionRules: unknown }[] };
  expect(buckets[0]?.retentionRules).toEqual([
    { type: 'expire', everySeconds: 0, shardGroupDurationSeconds: 31_536_000 },
  ]);
});

test.each([
  ['a wrong token', { token: 'wrong' }, 'configuration'],
  ['an unknown organisation', { org: 'nobody' }, 'configuration'],
  ['nothing listening', { url: 'http://127.0.0.1:9' }, 'dependency'],
] as const)('%s is told as what it is', async (_what, wrong, kind) => {
  const broken = createInfluxClient({ ...connection, ...wrong });
  await expect(broken.check(connection.bucket)).rejects.toMatchObject({ name: 'Failure', kind });
  const brokenStore = createInfluxMetricStore({ client: broken, database, bucket: connection.bucket });
  await expect(brokenStore.apply([night('never', 1, [1])])).rejects.toMatchObject({ name: 'Failure', kind });
});

/** A token for this bucket alone. */
async function tokenThatMay(bucket: string, ...actions: string[]): Promise<string> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Token ${connection.token}`, 'content-type': 'application/json' };
    return (await fetch(`${connection.url}/api/v2/${path}`, { ...init, headers })).json();
  };
  const found = z.object({ buckets: z.tuple([z.object({ id: z.string(), orgID: z.string() })]) });
  const { id, orgID } = found.parse(await ask(`buckets?name=${bucket}`)).buckets[0];
  const permissions = actions.map((action) => ({ action, resource: { type: 'buckets', id, orgID } }));
  const made = await ask('authorizations', { method: 'POST', body: JSON.stringify({ orgID, permissions }) });
  return z.object({ token: z.string() }).parse(made).token;
}

test('a token that may read and write the bucket and nothing else is enough', async () => {
  const own = server.connection();
  await client.ensureBucket(own.bucket);
  const limited = { ...own, token: await tokenThatMay(own.bucket, 'read', 'write') };
  const ledger = kept(await openTestStore());
  const limitedStore = await openInfluxMetricStore(limited, ledger);
  await limitedStore.apply([night('long', 1, [1, 2, 3])]);
  await limitedStore.apply([night('long', 2, [1, 2])]);
  expect(await all(limitedStore, {})).toHaveLength(2);
});

test('a token that may read and not write is told as configuration', async () => {
  const { bucket } = connection;
  const reader = createInfluxClient({ ...connection, token: await tokenThatMay(bucket, 'read') });
  await reader.check(bucket);
  const readerStore = createInfluxMetricStore({ client: reader, database, bucket });
  await expect(readerStore.apply([night('never', 1, [1])])).rejects.toMatchObject({
    name: 'Failure',
    kind: 'configuration',
  });
});

test('a bucket that is missing is told as configuration, a server that is gone as dependency', async () => {
  await expect(client.check('test_missing')).rejects.toMatchObject({ kind: 'configuration' });
  await expect(client.write('test_missing', ['m value=1 1'])).rejects.toMatchObject({ kind: 'configuration' });
  await expect(client.write(connection.bucket, ['not a line'])).rejects.toMatchObject({ kind: 'poison' });
});
