// The bridge as pages meet it: real log, real metric store, real HTTP and WebSocket. Only the clock is moved by hand.
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { encodeDocument } from '../../schemas/document.ts';
import { encodeMetrics } from '../../schemas/metrics-message.ts';
import { encodeNotification } from '../../schemas/notification.ts';
import { topicNames } from '../../schemas/topics.ts';
import { openTestState, openTestStore } from '../../test/support/databases.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { startHttpServer } from '../runtime/http/http-server.ts';
import { jsonErrors } from '../runtime/http/json-error.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { ensurePerson } from '../storage/people.ts';
import { feedCapacity } from './feed/person-feed.ts';
import { createLive } from './live-service.ts';
import { liveSettings } from './settings.ts';
import { type PageMessage, pageMessage } from './socket/page-message.ts';
import { dayPoints, exampleDay, exampleNowMs, exampleRing, messagesOf } from './today/example-ring.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function startLive({
  people = ['anna'],
  before = async () => {},
}: {
  people?: string[];
  /** What stands in the log when it starts. */
  before?(log: MessageLog, user: string): Promise<void>;
} = {}) {
  const clock = createManualClock(exampleNowMs);
  const logger = createLogger({ level: 'silent', name: 'test' });
  const log = await openSqliteLog({ path: ':memory:', topics: topicNames, partitions: 3 });
  const store = await openTestStore();
  const state = await openTestState();
  const metricStore = createSqlMetricStore(store);
  const ids = new Map<string, string>();
  const addPerson = async (name: string) => {
    const { userId } = await state.transaction((tx) => ensurePerson(tx, name, clock.now()));
    ids.set(name, userId);
    return userId;
  };
  for (const name of people) await addPerson(name);
  const live = await createLive({
    settings: liveSettings.parse({}),
    log,
    store,
    state,
    metricStore,
    clock,
    logger,
    registry: new Registry(),
    version: '0.0.0',
    notices: [],
    canConnect: false,
    password: undefined,
    allowedHosts: [],
  });
  const app = express().use(live.router).use(jsonErrors(logger));
  const http = await startHttpServer({ name: 'the page', handler: app, host: '127.0.0.1', port: 0 });
  live.attachWebSocket(http.server);
  await before(log, ids.get('anna') ?? '');
  await live.start();
  opened.push(
    () => log.close(),
    () => live.stop(),
    () => http.stop(),
  );
  return { clock, log, metricStore, ids, addPerson, url: http.url, port: http.port };
}
type Stage = Awaited<ReturnType<typeof startLive>>;

const idOf = ({ ids }: Stage, name = 'anna') => ids.get(name) ?? '';

/** A page: what it was sent, and a promise of the next message that is as asked. */
async function openPage({ port, clock }: Stage, query = '') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`);
  const messages: PageMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    messages.push(pageMessage.parse(JSON.parse(String(data))));
    for (const look of [...waiting]) look();
  });
  await once(socket, 'open');
  opened.push(async () => socket.terminate());
  function next(isIt: (message: PageMessage) => boolean): Promise<PageMessage> {
    return new Promise((resolve) => {
      const look = () => {
        const found = messages.find(isIt);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  }
  /** Lets gathered changes out while waiting. */
  async function until(isIt: (message: PageMessage) => boolean): Promise<PageMessage> {
    const found = next(isIt);
    const step = async () => {
      await clock.advance(50);
      return undefined;
    };
    for (;;) {
      const message = await Promise.race([found, step()]);
      if (message) return message;
    }
  }
  return { socket, messages, next, until };
}

const isSnapshot = (message: PageMessage) => message.type === 'snapshot';
const hasLine = (id: string) => (message: PageMessage) =>
  message.type === 'delta' && message.feed.some((line) => line.id === id);

const webhook = (userId: string, id: string, object = id) => {
  const body = { event_type: 'update', data_type: 'daily_readiness', object_id: object, user_id: 'oura' };
  const bytes = Buffer.from(JSON.stringify(body));
  const receivedAt = new Date(exampleNowMs).toISOString();
  return encodeNotification({ id, userId, receivedAt, signature: 'AB', timestamp: '1', body, bytes });
};

const version = (userId: string, id: string, objectId: string) =>
  encodeDocument({
    id,
    userId,
    resource: 'daily_readiness',
    objectId,
    sequence: 2,
    time: new Date(exampleNowMs).toISOString(),
    via: 'webhook',
    deleted: false,
    bytes: Buffer.from('{}'),
  });

async function readinessBecomes({ metricStore, log }: Stage, userId: string, value: number, document: string) {
  const points = dayPoints(exampleDay, { score_readiness: value }).filter(
    (point) => point.resource === 'daily_readiness',
  );
  const [message] = messagesOf(points.map((point) => ({ ...point, user: userId, version: 9 })));
  if (!message) throw new Error('the example has no readiness');
  await metricStore.apply([{ ...message, document }]);
  await log.append([encodeMetrics({ ...message, document }, `${document}-metrics`)]);
}

const fill = (stage: Stage, name = 'anna') =>
  stage.metricStore.apply(messagesOf(exampleRing().map((point) => ({ ...point, user: idOf(stage, name) }))));

test('a page gets a snapshot, then the webhook, the new version and the changed number without asking', async () => {
  const stage = await startLive();
  await fill(stage);
  const user = idOf(stage);
  const page = await openPage(stage);
  const snapshot = await page.next(isSnapshot);
  expect(snapshot).toMatchObject({ today: { name: 'anna', clock: { day: exampleDay } }, feed: [] });

  await stage.log.append([webhook(user, 'w1', 'r1')]);
  await page.until(hasLine('w1'));
  await stage.log.append([version(user, 'd1', 'r1')]);
  await readinessBecomes(stage, user, 51, 'd1');
  const changed = await page.until((m) => m.type === 'delta' && m.parts.scores?.readiness.reading?.value === 51);
  expect(changed.type === 'delta' && Object.keys(changed.parts)).not.toContain('night');
  const line = await page.until(
    (m) => m.type === 'delta' && m.feed.some(({ id, stage: s }) => id === 'w1' && s === 'measured'),
  );
  expect(line.type === 'delta' && line.feed.at(-1)).toMatchObject({
    version: 2,
    via: 'webhook',
    latency_ms: expect.any(Number),
  });
});

test('a page that comes back goes on from its position: nothing twice, nothing missing', async () => {
  const stage = await startLive();
  const user = idOf(stage);
  const first = await openPage(stage);
  await first.next(isSnapshot);
  await stage.log.append([webhook(user, 'w1')]);
  const { cursor } = await first.until(hasLine('w1'));
  first.socket.terminate();
  await stage.log.append([webhook(user, 'w2'), webhook(user, 'w3')]);
  const witness = await openPage(stage);
  await witness.until((m) => m.type !== 'alive' && m.feed.some(({ id }) => id === 'w3'));

  const second = await openPage(stage, `?cursor=${encodeURIComponent(cursor)}`);
  const resumed = await second.next(() => true);
  expect(resumed).toMatchObject({ type: 'delta', feed: [{ id: 'w2' }, { id: 'w3' }] });
});

test('after a restart a document goes on in the line of the webhook that announced it, whatever is read first', async () => {
  const stage = await startLive({
    before: async (log, user) => {
      await log.append(Array.from({ length: 300 }, (_, index) => webhook(user, `w${index}`)));
      await log.append([webhook(user, 'last', 'r1')]);
      await log.append([version(user, 'd1', 'r1')]);
    },
  });
  const page = await openPage(stage);
  const snapshot = await page.next(isSnapshot);
  const lines = snapshot.type === 'snapshot' ? snapshot.feed.filter((line) => line.object_id === 'r1') : [];
  expect(lines).toMatchObject([{ id: 'last', stage: 'stored', document: 'd1' }]);
});

test.each([
  ['from before what is still known', (cursor: string) => cursor],
  ['that nobody gave', () => 'rubbish'],
])('a cursor %s gets a snapshot with its position', async (_, given) => {
  const stage = await startLive();
  const user = idOf(stage);
  const first = await openPage(stage);
  const { cursor } = await first.next(isSnapshot);
  const many = Array.from({ length: feedCapacity + 5 }, (_each, index) => webhook(user, `w${index}`));
  await stage.log.append(many);
  const last = `w${feedCapacity + 4}`;
  await first.until((m) => m.type !== 'alive' && m.feed.some(({ id }) => id === last));

  const second = await openPage(stage, `?cursor=${encodeURIComponent(given(cursor))}`);
  const answer = await second.next(() => true);
  expect(answer.type).toBe('snapshot');
  expect(answer.cursor).not.toBe(cursor);
});

test('a page shows one person alone', async () => {
  const stage = await startLive({ people: ['anna', 'ben'] });
  const anna = await openPage(stage, '?user=anna');
  const ben = await openPage(stage, `?user=${idOf(stage, 'ben')}`);
  await Promise.all([anna.next(isSnapshot), ben.next(isSnapshot)]);
  await stage.log.append([webhook(idOf(stage, 'ben'), 'of-ben'), webhook(idOf(stage, 'anna'), 'of-anna')]);
  await anna.until(hasLine('of-anna'));
  await ben.until(hasLine('of-ben'));
  expect(JSON.stringify(anna.messages)).not.toContain('of-ben');
  expect(JSON.stringify(ben.messages)).not.toContain('of-anna');
});

test('a page that was opened before anybody was known becomes the first person’s', async () => {
  const stage = await startLive({ people: [] });
  const page = await openPage(stage);
  expect(await page.next(isSnapshot)).toMatchObject({ today: null });
  await stage.addPerson('anna');
  const seated = page.next((m) => m.type === 'snapshot' && m.today !== null);
  await stage.clock.advance(1000);
  expect(await seated).toMatchObject({ today: { name: 'anna' } });
});

test('time alone changes a page: a provisional night settles, and a silent line is heard', async () => {
  const stage = await startLive();
  const late = exampleRing().map((point) => ({
    ...point,
    user: idOf(stage),
    ...(point.resource === 'sleep' && point.day === exampleDay && { firstSeen: '2026-11-23T06:32:10Z' }),
  }));
  await stage.metricStore.apply(messagesOf(late));
  const page = await openPage(stage);
  expect(await page.next(isSnapshot)).toMatchObject({
    today: { night: { main: { provisional: { reason: 'settling' } } } },
  });
  const settled = page.next((m) => m.type === 'delta' && m.parts.night?.main?.provisional === null);
  for (let tick = 0; tick < 3; tick += 1) await stage.clock.advance(10_000);
  await settled;
  expect(page.messages.some(({ type }) => type === 'alive')).toBe(true);
});

test('a record that nobody can read stops nothing', async () => {
  const stage = await startLive();
  const user = idOf(stage);
  const page = await openPage(stage);
  await page.next(isSnapshot);
  const broken = { ...webhook(user, 'broken'), value: Buffer.from('no json') };
  await stage.log.append([broken, webhook(user, 'good')]);
  await page.until(hasLine('good'));
});

const get = async ({ url }: Stage, path: string) => {
  const response = await fetch(url + path, { redirect: 'manual' });
  return { status: response.status, headers: response.headers, body: await response.text() };
};

test('the page and everything it names come from here, for ever cacheable under one version', async () => {
  const stage = await startLive();
  const { body, headers } = await get(stage, '/dashboard');
  expect(headers.get('cache-control')).toBe('no-cache');
  const addresses = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThan(20);
  for (const address of addresses) {
    const file = await get(stage, address);
    expect([address, file.status, file.headers.get('cache-control')]).toEqual([
      address,
      200,
      expect.stringContaining('immutable'),
    ]);
  }
  expect(body).not.toMatch(/(?:href|src)="https?:/);
  expect((await get(stage, '/')).headers.get('location')).toBe('/dashboard');
  expect(
    (await fetch(`${stage.url}/dashboard`, { headers: { 'if-none-match': headers.get('etag') ?? '' } })).status,
  ).toBe(304);
});

test('the modules of the page are JavaScript without types', async () => {
  const stage = await startLive();
  const { body } = await get(stage, '/dashboard');
  const address = /src="([^"]+main\.ts)"/.exec(body)?.[1] ?? '';
  const module = await get(stage, address);
  expect(module.headers.get('content-type')).toContain('text/javascript');
  expect(module.body).not.toContain('import type');
});

test('the API answers what the page shows, and every route is in its document', async () => {
  const stage = await startLive();
  await fill(stage);
  const json = async (path: string) => JSON.parse((await get(stage, path)).body);
  expect(await json('/api/v1/people/anna/today')).toMatchObject({ clock: { day: exampleDay } });
  expect(await json('/api/v1/people/anna/night?day=2026-11-20')).toMatchObject({
    day: '2026-11-20',
    main: { kind: 'night' },
    next_day: '2026-11-21',
  });
  expect((await json('/api/v1/people/anna/trends?days=7')).days).toHaveLength(7);
  const steps = await json('/api/v1/people/anna/metrics?metric=steps&from=2026-11-20&to=2026-11-24');
  expect(steps.points).toHaveLength(4);
  const hourly = await json(
    '/api/v1/people/anna/metrics?metric=heart_rate&from=2026-11-22T22:00:00Z&to=2026-11-23T06:00:00Z&resolution=1h',
  );
  expect(hourly.buckets.length).toBeGreaterThan(6);
  const document = await json('/api/v1/openapi.json');
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/api/v1/people/{user}/today', '/api/v1/people/{user}/metrics']),
  );
});

test.each([
  ['/api/v1/people/nobody/today', 404, 'no_such_person'],
  ['/api/v1/people/anna/night?day=yesterday', 400, 'bad_request'],
  ['/api/v1/people/anna/trends?days=1', 400, 'bad_request'],
  ['/api/v1/people/anna/metrics?metric=steps&resolution=often', 400, 'bad_request'],
])('%s is answered %s with what to do', async (path, status, code) => {
  const answer = await get(await startLive(), path);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body).error).toMatchObject({ code, hint: expect.any(String) });
});
