// Each of KAFKA_BROKERS, DATABASE_URL and INFLUX_URL switches its own adapter alone: all eight combinations start, take the same files over the API,
// archive and measure them, answer with them, stop cleanly, and say the same in the tidy export. One server per engine; each combination finds it empty.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka } from 'kafkajs';
import { z } from 'zod';
import { documentsTopic } from '../../schemas/document.ts';
import { topicNames } from '../../schemas/topics.ts';
import { type Application, startApplication } from '../../services/cli/application.ts';
import { writeTidy } from '../../services/export/tidy.ts';
import { parseReport } from '../../services/ingest/import/import-report.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { loadOffset } from '../../services/storage/consumer-offsets.ts';
import { closing } from '../support/closing.ts';
import { type InfluxServer, startInflux } from './influx-container.ts';
import { type KafkaBroker, startKafka } from './kafka-container.ts';
import { type PostgresServer, startPostgres } from './postgres-container.ts';

const samples = join(import.meta.dirname, '../fixtures/samples');
const files = [
  'jeff-kohn_oura_charts/sleep.json',
  'jeff-kohn_oura_charts/heartrate.json',
  'androosk_oura-sleep-tracker/daily_sleep.sandbox.json',
] as const;
const lookEveryMs = 50;
const patienceMs = 60_000;

interface Combination {
  kafka: boolean;
  postgres: boolean;
  influx: boolean;
}
const combinations: Combination[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  kafka: (bits & 1) > 0,
  postgres: (bits & 2) > 0,
  influx: (bits & 4) > 0,
}));
const nameOf = ({ kafka, postgres, influx }: Combination): string =>
  `${kafka ? 'Kafka' : 'the embedded log'}, ${postgres ? 'PostgreSQL' : 'SQLite'}, ${influx ? 'InfluxDB' : 'metrics in tables'}`;

const kept = closing(afterAll);
let kafka: KafkaBroker;
let postgres: PostgresServer;
let influx: InfluxServer;
/** What the embedded combination, which comes first, says. */
let expected: string[] | undefined;

beforeAll(async () => {
  [kafka, postgres, influx] = await Promise.all([
    startKafka().then(kept),
    startPostgres().then(kept),
    startInflux().then(kept),
  ]);
});

/** The topics have fixed names, so what an earlier combination wrote is removed with them. */
async function emptyBroker(): Promise<string> {
  const admin = new Kafka(kafka.config).admin();
  await admin.connect();
  const known = await admin.listTopics();
  const ours = topicNames.filter((topic) => known.includes(topic));
  if (ours.length > 0) await admin.deleteTopics({ topics: ours });
  await admin.disconnect();
  return String(kafka.config.brokers);
}

async function environmentOf(combination: Combination, folder: string): Promise<Record<string, string>> {
  const { url, token, org, bucket } = influx.connection();
  return {
    DATA_DIR: folder,
    SECRETS_KEY: '00'.repeat(32),
    HTTP_PORT: '0',
    PUBLIC_PORT: '0',
    ...(combination.kafka && { KAFKA_BROKERS: await emptyBroker() }),
    ...(combination.postgres && { DATABASE_URL: await postgres.createDatabase() }),
    ...(combination.influx && { INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket }),
  };
}

async function importSample({ url }: Application, path: string) {
  const [file = ''] = path.split('/').slice(-1);
  const [type = ''] = file.split('.');
  const response = await fetch(`${url}/api/v1/people/anna/import?${new URLSearchParams({ file, type })}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await readFile(join(samples, path)),
  });
  expect([path, response.status]).toEqual([path, 200]);
  const report = parseReport(await response.json());
  expect(report.problems).toEqual([]);
  return report;
}

/** Until archive and normalize have handled all that is in the log. */
async function untilHandled({ engines: { log, store } }: Application): Promise<void> {
  for (const endMs = Date.now() + patienceMs; ; await systemClock.wait(lookEveryMs)) {
    const behind: string[] = [];
    for (const at of await log.ranges(documentsTopic)) {
      for (const consumer of ['archive', 'normalize']) {
        const offset = (await loadOffset(store.read, consumer, at)) ?? 0;
        if (offset < at.next) behind.push(`${consumer} is at ${offset} of ${at.next} in partition ${at.partition}`);
      }
    }
    if (behind.length === 0) return;
    if (Date.now() > endMs) throw new Error(`after ${patienceMs} ms ${behind.join(', ')}`);
  }
}

/** Which engines really hold the data: the embedded ones leave files and rows. */
async function holdersOf({ engines: { store } }: Application, folder: string): Promise<Combination> {
  const kept = await readdir(folder);
  const row = await store.read.selectFrom('metric_rows').select('user_id').limit(1).executeTakeFirst();
  return { kafka: !kept.includes('log.db'), postgres: !kept.includes('store.db'), influx: row === undefined };
}

const tidyLine = z.looseObject({ user: z.string(), first_seen: z.string() });

/** The tidy export without what each combination decides anew: who the person is, and when it was imported. */
async function tidyOf({ engines }: Application, userId: string): Promise<string[]> {
  let text = '';
  for await (const chunk of writeTidy(engines.metricStore.query({}), 'ndjson')) text += chunk;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { user, first_seen: _, ...rest } = tidyLine.parse(JSON.parse(line));
      expect(user).toBe(userId);
      return JSON.stringify(rest);
    });
}

const answered = z.object({ points: z.array(z.looseObject({ value: z.number() })) });

/** One end-to-end check for all. */
async function check(application: Application): Promise<string[]> {
  const reports = [];
  for (const file of files) reports.push(await importSample(application, file));
  const imported = reports.reduce((sum, report) => sum + report.imported, 0);
  const userId = reports[0]?.person?.userId ?? '';
  await untilHandled(application);

  const { store } = application.engines;
  const archived = await store.read.selectFrom('archived_documents').select('user_id').execute();
  expect(archived).toEqual(Array.from({ length: imported }, () => ({ user_id: userId })));
  const tidy = await tidyOf(application, userId);

  const range = 'metric=heart_rate&resource=heartrate&from=2024-06-03&to=2024-06-04';
  const response = await fetch(`${application.url}/api/v1/people/anna/metrics?${range}`);
  const { points } = answered.parse(await response.json());
  expect(points.map(({ value }) => value)).toEqual(
    tidy
      .map((line) => JSON.parse(line))
      .filter(({ metric, resource }) => metric === 'heart_rate' && resource === 'heartrate')
      .map(({ value }) => value),
  );
  expect(points.length).toBeGreaterThan(0);
  return tidy;
}

test.each(combinations.map((combination) => [nameOf(combination), combination] as const))(
  '%s',
  async (_name, combination) => {
    const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-combination-'));
    const application = await startApplication({
      environment: await environmentOf(combination, folder),
      logger: createLogger({ level: 'silent', name: 'combinations' }),
    });
    try {
      const tidy = await check(application);
      expected ??= tidy;
      expect(tidy.length).toBeGreaterThan(100);
      expect(tidy).toEqual(expected);
      expect(await holdersOf(application, folder)).toEqual(combination);
    } finally {
      await application.stop();
      await rm(folder, { recursive: true, force: true });
    }
    await expect(fetch(application.url)).rejects.toThrow();
  },
);
