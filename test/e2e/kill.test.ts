// The whole application killed with SIGKILL again and again under load, between every pair of its writes and at random moments, and then judged by an
// oracle that stood outside (P1, P3, P4, P5, P6). KILL_SEED repeats a run's order of events and choice of commits; what the machine does in between differs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicNames } from '../../schemas/topics.ts';
import { connectRing } from '../../services/cli/connect-ring.ts';
import { simulatedCloud } from '../../services/cli/demo.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openSqliteDatabase } from '../../services/runtime/database/sqlite-database.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { random as randomOf } from '../../services/simulator/prng.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { stateMigrations } from '../../services/storage/migrations/state-migrations.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import type { StateTables, StoreTables } from '../../services/storage/tables.ts';
import { freePort } from '../browser/free-port.ts';
import { closing } from '../support/closing.ts';
import { checkPromises } from '../support/oracle-checks.ts';
import { createOracleEvents, type OracleEvents } from '../support/oracle-events.ts';
import { createLoad, type Load, shuffled } from '../support/oracle-load.ts';
import { clientId, clientSecret, createWearers, type Wearers } from '../support/oracle-wearers.ts';
import { killServers, startServer } from '../support/server-process.ts';
import { untilSettled } from '../support/server-settled.ts';
import { openSlackEndpoint, type WebhookEndpoint } from '../support/slack-endpoint.ts';

const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e6));
const random = randomOf('kill', seed);

/** Every transaction of the road of a notification, as crash-points.ts describes it. A kill before and one after each is one between every pair. */
const writes = [
  'log.db records[oura.notifications.v1]',
  'store.db archived_notifications consumer_offsets[archive]',
  'state.db fetch_jobs handled_notifications consumer_offsets[ingest-fetch]',
  'state.db document_heads ingest_outbox',
  'log.db records[oura.documents.v1]',
  'state.db ingest_outbox !document_heads',
  'state.db fetch_jobs !consumer_offsets',
  'store.db archived_documents consumer_offsets[archive]',
  'store.db metric_rows',
  'log.db records[oura.metrics.v1]',
  'store.db consumer_offsets[normalize]',
  'state.db alert_transitions alert_deliveries consumer_offsets[alert]',
  'log.db records[oura.alerts.v1]',
  'state.db alert_transitions !alert_deliveries',
  'state.db alert_deliveries !alert_transitions',
] as const;
const points = writes.flatMap((write) => [`${write}:before`, `${write}:after`]);
const randomKills = 4;

const people = 5;
const historyDays = 17;
const daysAgo = 12;
const paceMs = 25;
const patienceMs = 20_000;

let folder: string;
let wearers: Wearers;
let slack: WebhookEndpoint;
let events: OracleEvents;
let environment: Record<string, string>;
let url: string;
let load: Load;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oura-streaming-kill-'));
  wearers = await createWearers({ seed, people, days: historyDays, daysAgo });
  slack = await openSlackEndpoint();
  const [httpPort, publicPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${httpPort}`;
  events = createOracleEvents(() => `http://127.0.0.1:${publicPort}/webhooks/oura`);
  environment = {
    ...simulatedCloud(wearers.simulator.url),
    DATA_DIR: join(folder, 'data'),
    HTTP_PORT: String(httpPort),
    PUBLIC_PORT: String(publicPort),
    OURA_CLIENT_ID: clientId,
    OURA_CLIENT_SECRET: clientSecret,
    HISTORY_DAYS: '0',
    SLACK_WEBHOOK_URL: slack.url,
    ALERT_RULES_FILE: join(import.meta.dirname, '../support/alert-rules.json'),
    ALERT_MAX_AGE_HOURS: '720',
    LOG_LEVEL: 'error',
    // Written at the end of a process, so by the first one, which is stopped in peace.
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
}, 60_000);

// Before the folder is removed.
const kept = closing(afterAll);

afterAll(async () => {
  await killServers();
  await slack?.close();
  await wearers?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One life of the server: up, under load, dead. Resolves to the point that struck it. */
async function live(point: string | undefined): Promise<string | undefined> {
  const server = startServer({
    folder,
    environment,
    ...(point && { crash: `${point}:${point.includes('alert') ? 1 : random.integer(1, 3)}` }),
  });
  await server.answers(`${url}/healthz`);
  const loaded = load.run({
    isOver: server.hasExited,
    alerting: point?.includes('alert') ? 0.3 : 0,
    paceMs,
    onKept: server.arm,
  });
  const death = new AbortController();
  void server.exited.then(() => death.abort());
  await systemClock.wait(point ? patienceMs : random.integer(20, 700), death.signal);
  server.kill('SIGKILL');
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await loaded;
  // No word at the level of errors.
  expect(server.said().replace(/^http\S+\/dashboard\n$/, '')).toBe('');
  return point ? server.struck() && point : 'random';
}

test('what was acknowledged survives kills between every pair of writes', async () => {
  console.info(`KILL_SEED=${seed}`);
  const first = startServer({ folder, environment });
  await first.answers(`${url}/readyz`);
  for (const [index, ouraUserId] of wearers.ouraUserIds.entries())
    await connectRing({
      apiUrl: url,
      password: undefined,
      name: `wearer ${index}`,
      ouraUserId,
      signal: AbortSignal.timeout(30_000),
    });
  expect(await first.stop()).toBe(0);

  load = await createLoad({ events, wearers, random });
  const struck: string[] = [];
  const order = shuffled([...points, ...Array.from({ length: randomKills }, () => undefined)], random);
  for (const [index, point] of order.entries()) {
    struck.push((await live(point)) ?? (await live(point)) ?? `missed ${point}`);
    wearers.moveClock(30 * 60_000);
    if (index % 8 === 7) await load.look();
  }
  const cutOff = () => events.all().filter(({ wasCutOff }) => wasCutOff).length;
  console.info(
    `${struck.length} kills, ${events.all().length} events, ${events.acknowledged().length} acknowledged, ${cutOff()} cut off`,
  );
  expect([...struck].sort()).toEqual([...points, ...Array.from({ length: randomKills }, () => 'random')].sort());
  expect(cutOff()).toBeGreaterThan(struck.length);

  const last = startServer({ folder, environment });
  await last.answers(`${url}/readyz`);
  const file = (name: string) => join(environment.DATA_DIR ?? '', name);
  const log = kept(await openSqliteLog({ path: file('log.db'), topics: topicNames }));
  const store = kept(await openSqliteDatabase<StoreTables>({ path: file('store.db'), migrations: storeMigrations }));
  const state = kept(await openSqliteDatabase<StateTables>({ path: file('state.db'), migrations: stateMigrations }));
  await load.tellDeleted();
  const settling = { urls: [url], state };
  await untilSettled(settling);
  await load.tellMoved();
  await untilSettled(settling);
  expect(await last.stop()).toBe(0);

  const judged = { log, store, state, metricStore: createSqlMetricStore(store) };
  const problems = await checkPromises(judged, {
    events: events.all(),
    known: load.named(),
    slackBodies: slack.taken(),
  });
  expect(problems).toEqual([]);
}, 300_000);
