// A person erased from Kafka, PostgreSQL and InfluxDB: no row, no point, no message with a value, whatever another process still writes meanwhile, and a
// rebuild from the same topics, long before Kafka compacts them, brings nothing back.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { topicNames } from '../../schemas/topics.ts';
import type { OpenPipeline } from '../../services/cli/access.ts';
import { rebuild } from '../../services/cli/commands/rebuild.ts';
import { type Engines, openEngines, prepareEngines } from '../../services/cli/engines.ts';
import { eraseHere } from '../../services/cli/erase-here.ts';
import { engineSettings } from '../../services/cli/settings.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createSecrets } from '../../services/runtime/secrets.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { createLivingKeys } from '../../services/storage/erasure/living-keys.ts';
import { findErasure } from '../../services/storage/erasures.ts';
import { applyRoles } from '../../services/storage/roles-apply.ts';
import { all } from '../conformance/metric-store.ts';
import { recordedContext } from '../support/command-context.ts';
import { everyRow, leaveTraces, placesOf, readByConsumers, type Wearer } from '../support/person-traces.ts';
import { type InfluxServer, startInflux } from './influx-container.ts';
import { type KafkaBroker, startKafka } from './kafka-container.ts';
import { type PostgresServer, startPostgres } from './postgres-container.ts';

const secretsKey = '00'.repeat(32);
let servers: [KafkaBroker, PostgresServer, InfluxServer];
let folder = '';
let environment: Record<string, string>;
let engines: Engines;
let anna: Wearer;
let ben: Wearer;

beforeAll(async () => {
  servers = await Promise.all([startKafka(), startPostgres(), startInflux()]);
  const [kafka, postgres, influx] = servers;
  const { url, token, org, bucket } = influx.connection();
  folder = await mkdtemp(join(tmpdir(), 'oura-streaming-erase-'));
  environment = {
    ...{ DATA_DIR: folder, SECRETS_KEY: secretsKey, KAFKA_BROKERS: String(kafka.config.brokers) },
    ...{ DATABASE_URL: await postgres.createDatabase() },
    ...{ INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket },
  };
  const settings = readSettings(engineSettings, environment);
  await prepareEngines(settings);
  engines = await openEngines(settings, systemClock);
  const secrets = createSecrets([Buffer.from(secretsKey, 'hex')]);
  ben = await leaveTraces(engines, 'Ben', secrets);
  anna = await leaveTraces(engines, 'Anna', secrets);
  await readByConsumers(engines);
});
afterAll(async () => {
  await engines?.close();
  await Promise.all((servers ?? []).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const pipelineOf = (opened: Engines): OpenPipeline => ({
  ...opened,
  ...{ logger: createLogger({ level: 'silent', name: 'test' }), registry: new Registry() },
});

const pointsOf = async ({ userId: user }: Wearer) => (await all(engines.metricStore, { user })).length;
const messagesOf = async ({ userId }: Wearer) =>
  (await createLivingKeys(engines.log, topicNames, [userId]).find()).length;

test('nothing of an erased person is left, everything of others is, and a rebuild keeps it so', async () => {
  const before = { points: await pointsOf(ben), messages: await messagesOf(ben), rows: await everyRow(engines) };
  for (const count of [before.points, await pointsOf(anna)]) expect(count).toBeGreaterThan(0);
  // Of each topic one, and a dead letter.
  expect(await messagesOf(anna)).toBe(5);
  await eraseHere(recordedContext(environment), pipelineOf(engines), { ...anna, createdAtMs: 0 });
  const linesOf = (rows: Map<string, string[]>, { marks }: Wearer) =>
    [...rows].map(([table, lines]) => [table, lines.filter((line) => marks.some((mark) => line.includes(mark)))]);
  const check = async () => {
    const rows = await everyRow(engines);
    // Whose erasure it was is kept until nothing can come any more, by ingest.
    expect(placesOf(rows, anna)).toEqual(['state.erasures']);
    expect([await pointsOf(anna), await messagesOf(anna)]).toEqual([0, 0]);
    expect([await pointsOf(ben), await messagesOf(ben)]).toEqual([before.points, before.messages]);
    return linesOf(rows, ben);
  };
  expect(await check()).toEqual(linesOf(before.rows, ben));
  await rebuild(recordedContext(environment), {});
  await engines.close();
  engines = await openEngines(readSettings(engineSettings, environment), systemClock);
  await check();
});

test('whose role may not touch the tables of all services is told who goes on, and how to see it through', async () => {
  const password = 'of-the-roles';
  await applyRoles({ state: engines.state, password });
  const ofIngest = new URL(environment.DATABASE_URL ?? '');
  [ofIngest.username, ofIngest.password] = ['oura_ingest', password];
  const restricted = { ...environment, DATABASE_URL: ofIngest.href };
  const opened = await openEngines(readSettings(engineSettings, restricted), systemClock);
  try {
    const erased = eraseHere(recordedContext(restricted), pipelineOf(opened), { ...ben, createdAtMs: 0 });
    await expect(erased).rejects.toThrow(/Ben is being erased.*permission denied.*INGEST_URL/s);
    expect(await findErasure(engines.state.read, ben.userId)).toBeDefined();
  } finally {
    await opened.close();
  }
});
