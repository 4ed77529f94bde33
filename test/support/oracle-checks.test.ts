// An oracle that cannot fail proves nothing: a world in which every promise held, and for each promise the same world with one thing broken.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type AlertTransition, encodeAlert } from '../../schemas/alert-transition.ts';
import { type DocumentMessage, deletionBytes, encodeDocument } from '../../schemas/document.ts';
import { encodeNotification } from '../../schemas/notification.ts';
import { topicNames } from '../../schemas/topics.ts';
import { archiveConsumer } from '../../services/archive/archive-consumer.ts';
import { normalizeConsumer } from '../../services/normalize/normalize-consumer.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { ringWith } from '../../services/simulator/testing/life.ts';
import { addTransition, markPublished } from '../../services/storage/alert-outbox.ts';
import { type NewFetchJob, putJobs } from '../../services/storage/fetch-jobs.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { ensurePerson, learnOuraId } from '../../services/storage/people.ts';
import { refillStore } from '../../services/storage/rebuild/refill-store.ts';
import { openTestState, openTestStore } from './databases.ts';
import { checkPromises } from './oracle-checks.ts';
import { createOracleEvents, type OracleEvent } from './oracle-events.ts';
import { sameContent } from './oracle-wearers.ts';
import { untilSettled } from './server-settled.ts';
import { simulatedDocuments } from './simulated-documents.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});
const kept = <T extends { close(): Promise<unknown> }>(each: T): T => {
  opened.push(each);
  return each;
};

const ouraUserId = 'oura-1';
const period = { fromMs: Date.parse('2026-03-01T00:00:00Z'), toMs: Date.parse('2026-03-03T12:00:00Z') };

const isSleep = ({ resource }: DocumentMessage) => resource === 'sleep';

type World = Awaited<ReturnType<typeof openWorld>>;

async function openWorld() {
  const state = kept(await openTestState());
  const store = kept(await openTestStore());
  const log = kept(await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 6 }));
  const metricStore = createSqlMetricStore(store);
  const nowMs = systemClock.now();
  const { userId } = await state.transaction((tx) => ensurePerson(tx, 'anna', nowMs));
  await state.transaction((tx) => learnOuraId(tx, userId, ouraUserId));
  const documents = simulatedDocuments({ ring: ringWith(), userId, ...period }).filter(isSleep);
  await log.append(documents.map((document) => encodeDocument(document)));
  const [night] = documents;
  if (!night) throw new Error('the simulated ring has no night');

  const oracle = createOracleEvents(() => 'http://127.0.0.1:1/');
  const arrives = async (name: { dataType: string; objectId: string }): Promise<OracleEvent> => {
    const event = oracle.make({ ouraUserId, ...name });
    event.isAcknowledged = true;
    const { id, body } = event;
    await log.append([
      encodeNotification({
        ...{ id, userId, receivedAt: new Date(nowMs).toISOString(), signature: 'AB', timestamp: '1' },
        ...{ body: JSON.parse(body), bytes: Buffer.from(body) },
      }),
    ]);
    return event;
  };
  const event = await arrives({ dataType: 'sleep', objectId: night.objectId });

  const slackBodies: unknown[] = [];
  const publish = (transition: AlertTransition) => log.append([encodeAlert(transition)]);
  const delivered = (id: string) => slackBodies.push({ metadata: { event_payload: { id: `${id}/slack` } } });
  const decides = async (number: number): Promise<AlertTransition> => {
    const alert = `${userId}:rule:day`;
    const transition: AlertTransition = {
      ...{ id: `${alert}:${number}`, user_id: userId, rule: 'rule', title: 'Low', level: 'warning', alert, number },
      ...{ state: number % 2 === 1 ? 'firing' : 'resolved', at: new Date(nowMs).toISOString(), summary: 'It is low.' },
    };
    await state.transaction(async (tx) => {
      await addTransition(tx, { alertId: alert, number, transition });
      await markPublished(tx, [transition.id], nowMs);
    });
    return transition;
  };
  const transition = await decides(1);
  await publish(transition);
  delivered(transition.id);

  const refill = () =>
    refillStore({
      ...{ log, store, clock: systemClock },
      definitions: [archiveConsumer({ archived: () => {} }), normalizeConsumer({ metricStore })],
    });
  await refill();
  const last = documents.findLast(({ objectId }) => objectId === night.objectId) ?? night;
  const known = [
    {
      ...{ ouraUserId, dataType: 'sleep', objectId: night.objectId, day: '' },
      content: sameContent(JSON.parse(Buffer.from(last.bytes).toString())),
    },
  ];
  const judged = { log, store, state, metricStore };
  const problems = () => checkPromises(judged, { events: oracle.all(), known, slackBodies });
  return {
    ...{ ...judged, userId, night, event, transition, known, slackBodies, nowMs },
    ...{ oracle, arrives, refill, publish, delivered, decides, problems },
  };
}

/** Appended and archived like any other: only what the document says of itself is odd. */
async function comes({ log, refill }: World, document: DocumentMessage): Promise<void> {
  await log.append([encodeDocument(document)]);
  await refill();
}

/** Into the metric store alone, past the log. */
async function applies({ metricStore }: World, document: DocumentMessage): Promise<void> {
  const normalized = normalizeDocument(document);
  if (normalized.ok) await metricStore.apply([normalized.message]);
}

const job = ({ event, userId }: World, state: NewFetchJob['state'], reason: string | null): NewFetchJob => ({
  ...{ userId, dataType: 'sleep', objectId: 'absent', ouraUserId, eventType: 'update', notificationId: event.id },
  ...{ eventAtMs: 0, notifiedAtMs: 0, state, reason },
});

test('where every promise held nothing is wrong', async () => {
  const { problems } = await openWorld();
  expect(await problems()).toEqual([]);
});

test('an event that found no document is in order when the reason is listed', async () => {
  const world = await openWorld();
  await world.arrives({ dataType: 'sleep', objectId: 'absent' });
  await world.refill();
  await world.state.transaction((tx) => putJobs(tx, [job(world, 'given_up', 'not_found')], 0));
  expect(await world.problems()).toEqual([]);
});

const notifications = 'archived_notifications';

const broken: [what: string, complaint: RegExp, breaks: (world: World) => Promise<unknown> | unknown][] = [
  [
    'an acknowledged event is not archived',
    /\(acknowledged\) is archived 0 times/,
    ({ store }) => store.transaction((tx) => tx.deleteFrom(notifications).execute()),
  ],
  [
    'an event is archived twice',
    /is archived 2 times/,
    ({ store }) =>
      store.transaction(async (tx) => {
        const row = await tx.selectFrom(notifications).selectAll().executeTakeFirstOrThrow();
        await tx
          .insertInto(notifications)
          .values({ ...row, event_id: 'another' })
          .execute();
      }),
  ],
  [
    'one byte of an event differs',
    /is archived and was never sent like that/,
    ({ store, event }) =>
      store.transaction((tx) =>
        tx
          .updateTable(notifications)
          .set({ payload: Buffer.from(`${event.body} `) })
          .execute(),
      ),
  ],
  [
    'an event is archived that nobody sent',
    /is archived and was never sent like that/,
    ({ store }) =>
      store.transaction(async (tx) => {
        const row = await tx.selectFrom(notifications).selectAll().executeTakeFirstOrThrow();
        await tx
          .insertInto(notifications)
          .values({ ...row, event_id: 'x', payload: Buffer.from('{}') })
          .execute();
      }),
  ],
  [
    'the document of an event never came',
    /no sleep\/absent of oura-1, and no job/,
    async (world) => {
      await world.arrives({ dataType: 'sleep', objectId: 'absent' });
      await world.refill();
    },
  ],
  [
    'the document of an event is still to be fetched',
    /its job is open/,
    async (world) => {
      await world.arrives({ dataType: 'sleep', objectId: 'absent' });
      await world.refill();
      await world.state.transaction((tx) => putJobs(tx, [job(world, 'open', null)], 0));
    },
  ],
  [
    'a document is not what the cloud says',
    /is not what the cloud says/,
    ({ known }) => {
      for (const document of known) document.content = '{}';
    },
  ],
  [
    'a version is missing in the log',
    /version 7 came after/,
    (world) => comes(world, { ...world.night, sequence: 7, id: 'seven' }),
  ],
  [
    'the versions of an object are out of order',
    /version 3 came after 1/,
    async (world) => {
      const other = { ...world.night, objectId: 'other' };
      for (const sequence of [1, 3, 2]) await comes(world, { ...other, sequence, id: `version ${sequence}` });
    },
  ],
  [
    'one version has two ids',
    /version 1 came after/,
    (world) => comes(world, { ...world.night, id: 'the same again' }),
  ],
  [
    'a person is in two partitions',
    /is in two partitions/,
    async ({ log, night }) => {
      const others = Array.from({ length: 20 }, (_, index) => `somebody ${index}`);
      await log.append(others.map((partitionKey) => ({ ...encodeDocument(night), partitionKey })));
    },
  ],
  [
    'a version is not archived',
    /the archive has 0 versions/,
    ({ store, night }) =>
      store.transaction((tx) => tx.deleteFrom('archived_documents').where('object_id', '=', night.objectId).execute()),
  ],
  [
    'a document is archived that is not in the log',
    /is archived and not in the log/,
    ({ store }) =>
      store.transaction(async (tx) => {
        const row = await tx.selectFrom('archived_documents').selectAll().executeTakeFirstOrThrow();
        await tx
          .insertInto('archived_documents')
          .values({ ...row, object_id: 'stray' })
          .execute();
      }),
  ],
  [
    'points of a document are missing',
    /missing: /,
    (world) => applies(world, { ...world.night, sequence: 99, deleted: true, bytes: deletionBytes('sleep', 'x') }),
  ],
  ['a stale point is left', /stray: /, (world) => applies(world, { ...world.night, objectId: 'stale' })],
  [
    'a transition has two ids',
    /was published under 2 ids/,
    ({ publish, transition }) => publish({ ...transition, id: 'another' }),
  ],
  [
    'a transition is not published',
    /was decided and not published/,
    async ({ decides, delivered }) => delivered((await decides(2)).id),
  ],
  [
    'a transition never reached the channel',
    /never reached the channel/,
    async ({ decides, publish }) => publish(await decides(2)),
  ],
  [
    'a transition is published that was never decided',
    /was published and is not in the books/,
    ({ publish, transition }) => publish({ ...transition, id: 'x:9', alert: 'x', number: 9 }),
  ],
  [
    'something reached the channel that was never decided',
    /reached the channel and is not in the books/,
    ({ delivered }) => delivered('x'),
  ],
  [
    'a number of an alert is left out',
    /has the numbers 1,3/,
    async ({ decides, publish, delivered }) => {
      const third = await decides(3);
      await publish(third);
      delivered(third.id);
    },
  ],
  [
    'no alert was raised at all',
    /nothing was checked/,
    ({ state, slackBodies }) => {
      slackBodies.length = 0;
      return state.transaction((tx) => tx.deleteFrom('alert_transitions').execute());
    },
  ],
];

test.each(broken)('%s: it is said', async (_, complaint, breaks) => {
  const world = await openWorld();
  await breaks(world);
  expect((await world.problems()).join('\n')).toMatch(complaint);
});

test('a lag that stays is said', async () => {
  const { state } = await openWorld();
  const server = createServer((_, response) => response.end('oura_consumer_lag_messages{consumer="archive"} 3\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  kept({ close: async () => server.close() });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(untilSettled({ urls: [url], state }, 300)).rejects.toThrow('"lag":3');
});
