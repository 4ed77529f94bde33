// The pipeline on the real engines while its parts fail, judged by an oracle that stands outside: every event that got a 2xx is in Postgres exactly once and byte for
// byte, nothing else is, order per person holds, the tidy export is that of a clean run, every alert reached Slack under one id, and it all heals by itself.
// FAULTS=long strikes at every point; short, the default and what CI runs, at the ones where a service can die between two stores. FAULTS_SEED repeats a run.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentsTopic } from '../../schemas/document.ts';
import { notificationsTopic } from '../../schemas/notification.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { untilRight } from '../support/until-right.ts';
import { type FaultStage, type PipelineService, pipeline, startFaultStage } from './fault-stage.ts';
import { groupShare, unfairness } from './group-share.ts';

const isLong = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1e6));
let stage: FaultStage;

beforeAll(async () => {
  console.info(`FAULTS_SEED=${seed}`);
  stage = await startFaultStage(seed);
}, 180_000);

afterAll(() => stage?.stop(), 60_000);

/** Where each service dies: before a write, after it and before the next store knows, between the outbox and the channel. */
const points: Record<PipelineService, readonly string[]> = {
  archive: [
    'postgres archived_notifications consumer_offsets[archive]:before:2',
    'postgres archived_documents consumer_offsets[archive]:after:2',
    ...(isLong
      ? [
          'postgres archived_notifications consumer_offsets[archive]:after:1',
          'postgres archived_documents consumer_offsets[archive]:before:1',
        ]
      : []),
  ],
  normalize: [
    'kafka oura.metrics.v1:after:2',
    'postgres consumer_offsets[normalize]:before:2',
    ...(isLong
      ? [
          'postgres metric_ledger:before:2',
          'postgres metric_ledger:after:2',
          'kafka oura.metrics.v1:before:1',
          'postgres consumer_offsets[normalize]:after:1',
        ]
      : []),
  ],
  alert: [
    'postgres alert_transitions alert_deliveries consumer_offsets[alert]:before:1',
    'postgres alert_deliveries !alert_transitions:before:1',
    ...(isLong
      ? [
          'postgres alert_transitions alert_deliveries consumer_offsets[alert]:after:1',
          'kafka oura.alerts.v1:before:1',
          'kafka oura.alerts.v1:after:1',
          'postgres alert_deliveries !alert_transitions:after:1',
        ]
      : []),
  ],
  ingest: [
    'kafka oura.notifications.v1:before:3',
    'kafka oura.notifications.v1:after:3',
    'postgres fetch_jobs handled_notifications consumer_offsets[ingest-fetch]:after:2',
    ...(isLong
      ? [
          'postgres fetch_jobs handled_notifications consumer_offsets[ingest-fetch]:before:2',
          'postgres document_heads ingest_outbox:before:2',
          'postgres document_heads ingest_outbox:after:2',
          'kafka oura.documents.v1:before:2',
          'kafka oura.documents.v1:after:2',
        ]
      : []),
  ],
};
// A killed member's session must end, and a killed holder's lease, before the work goes on.
const strikeWithinMs = 90_000;
const strikeAll = (name: PipelineService) => stage.services[name].strike(points[name], strikeWithinMs);
const killsOfLive = isLong ? 8 : 2;
const eventsToShare = isLong ? 200 : 60;
/** The default of KAFKA_PARTITIONS. */
const partitionsOfATopic = 6;

test('kill -9 of each service before and after its writes', async () => {
  const missed: string[] = [];
  // Ingest last: without its documents the others have nothing to write.
  await stage.underLoad(async () => {
    const followers = pipeline.filter((name) => name !== 'ingest');
    for (const found of await Promise.all(followers.map(strikeAll))) missed.push(...found);
    missed.push(...(await strikeAll('ingest')));
  });
  expect(missed).toEqual([]);
  expect(await stage.judgement()).toEqual([]);
}, 900_000);

test('kill -9 of live while pages are open', async () => {
  await stage.underLoad(async () => {
    for (let time = 0; time < killsOfLive; time += 1) {
      const before = stage.pages.map((page) => page.cameBack());
      await stage.live.kill();
      await untilRight(async () => {
        const gone = stage.pages.filter((page, index) => page.cameBack() === before[index]);
        return gone.length > 0 ? `${gone.length} pages did not come back` : undefined;
      });
    }
  });
  expect(await stage.judgement()).toEqual([]);
}, 300_000);

test('an append whose acknowledgement is lost', async () => {
  const { proxy } = stage.engines.kafka;
  await stage.underLoad(async () => {
    for (let time = 0; time < 5; time += 1) await proxy.loseProduceAnswer('cut');
    await proxy.loseProduceAnswer('silence');
  });
  expect(await stage.judgement()).toEqual([]);
}, 300_000);

test('the broker is paused, then restarted', async () => {
  const { kafka } = stage.engines;
  await stage.underLoad(async () => {
    await kafka.pause();
    await systemClock.wait(isLong ? 40_000 : 9_000);
    await kafka.unpause();
    await systemClock.wait(2_000);
    await kafka.restart();
    await systemClock.wait(2_000);
  });
  expect(await stage.judgement()).toEqual([]);
}, 300_000);

test('Postgres is restarted and InfluxDB is down', async () => {
  const { postgres, influx } = stage.engines;
  await stage.underLoad(async () => {
    influx.proxy.target = undefined;
    influx.proxy.cutAll();
    await postgres.restart();
    await systemClock.wait(isLong ? 20_000 : 4_000);
    await influx.restart();
  });
  expect(await stage.judgement()).toEqual([]);
}, 300_000);

test.each([
  { service: 'normalize', members: 3, topics: [documentsTopic] },
  { service: 'archive', members: 2, topics: [documentsTopic, notificationsTopic] },
] as const)(
  '$members replicas of $service share the partitions, and handle each message once',
  async (group) => {
    const { service, members, topics } = group;
    const added = await Promise.all(Array.from({ length: members - 1 }, () => stage.replica(service)));
    const all = [stage.services[service], ...added];
    const shares = () => Promise.all(all.map(({ url }) => groupShare(url, service)));
    const handled = async () => (await shares()).reduce((sum, share) => sum + share.handled, 0);
    const appended = async () => {
      const ranges = await Promise.all(topics.map((topic) => stage.log.ranges(topic)));
      return ranges.flat().reduce((sum, { next }) => sum + next, 0);
    };
    const partitions = topics.length * partitionsOfATopic;
    const shared = () => shares().then((found) => unfairness(found, partitions), String);
    for (const replica of added) replica.start();
    for (const replica of added) await replica.process().answers(`${replica.url}/readyz`);
    await untilRight(shared);

    const before = (await appended()) - (await handled());
    const enough = stage.events.acknowledged().length + eventsToShare;
    const missing = async () => {
      const count = enough - stage.events.acknowledged().length;
      return count > 0 ? `${count} events are not acknowledged` : undefined;
    };
    await stage.underLoad(() => untilRight(missing));
    expect(await stage.judgement()).toEqual([]);
    expect(await shared()).toBeUndefined();
    expect((await appended()) - (await handled())).toBe(before);
    for (const replica of added) expect(await replica.stop()).toBe(0);
  },
  300_000,
);

test('a rebalance every few seconds, and a zombie that wakes after its session', async () => {
  const [archive, normalize] = [await stage.replica('archive'), await stage.replica('normalize')];
  const zombie = stage.services.archive.process();
  await stage.underLoad(async () => {
    archive.start();
    await archive.process().answers(`${archive.url}/readyz`);
    zombie.kill('SIGSTOP');
    for (let time = 0; time < (isLong ? 8 : 3); time += 1) {
      normalize.start();
      await systemClock.wait(5_000);
      await normalize.stop();
      await systemClock.wait(2_000);
    }
    zombie.kill('SIGCONT');
    await systemClock.wait(2_000);
  });
  await archive.stop();
  expect(await stage.judgement()).toEqual([]);
}, 400_000);

test('SIGTERM ends every service, with no connection left that keeps it', async () => {
  const all = [stage.live, ...pipeline.map((name) => stage.services[name])];
  const codes = await Promise.all(all.map((service) => service.stop()));
  expect(codes).toEqual(all.map(() => 0));
}, 60_000);
