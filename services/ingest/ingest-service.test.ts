// The whole of ingest against the simulator and the embedded log: consent, first load, webhook, document; and what the public listener shows.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as turn } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import express from 'express';
import { Registry } from 'prom-client';
import { type DocumentMessage, decodeDocument, documentsTopic } from '../../schemas/document.ts';
import { decodeNotification, notificationsTopic } from '../../schemas/notification.ts';
import { resources } from '../../schemas/oura/resources.ts';
import { topicNames } from '../../schemas/topics.ts';
import { openTestState, openTestStore } from '../../test/support/databases.ts';
import { heldLease } from '../../test/support/held-lease.ts';
import { systemClock } from '../runtime/clock.ts';
import { jsonErrors } from '../runtime/http/json-error.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { createSecrets } from '../runtime/secrets.ts';
import { readSettings } from '../runtime/settings.ts';
import { createSimulator, noTraps, oauthPaths } from '../simulator/simulator.ts';
import { createIngest } from './ingest-service.ts';
import { ingestSettings } from './settings.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(handler: Parameters<typeof createServer>[1]) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const patienceMs = 25_000;
jest.setTimeout(30_000);

/** Waits for something that happens by itself. */
async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const untilMs = Date.now() + patienceMs; Date.now() < untilMs; await turn(10)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`not seen within ${patienceMs} ms: ${look}`);
}

async function readTopic<T>(
  log: MessageLog,
  topic: string,
  decode: (record: Parameters<typeof decodeDocument>[0]) => T,
): Promise<T[]> {
  const ranges = await log.ranges(topic);
  const batches = await Promise.all(
    ranges.map(({ partition, earliest }) => log.read({ topic, partition, offset: earliest }, 100_000)),
  );
  return batches.flat().map(decode);
}

async function opened() {
  let presentMs = Date.now();
  const simulator = await createSimulator({
    ...{ seed: 7, users: [{}, {}], clientId: 'our-client', clientSecret: 'our-secret', now: () => new Date(presentMs) },
    ...{ historyDays: 12, autoConsent: true, traps: noTraps, retryDelaysMs: [1, 1] },
  });
  closers.push(() => simulator.stop());
  const [ring] = simulator.users;
  if (!ring) throw new Error('the simulator has nobody');
  const state = await openTestState();
  closers.push(() => state.close());
  const store = await openTestStore();
  closers.push(() => store.close());
  const log = await openSqliteLog({ path: ':memory:', topics: topicNames });
  closers.push(() => log.close());
  const logger = createLogger({ level: 'silent', name: 'test' });
  const registry = new Registry();
  let handle: Parameters<typeof createServer>[1];
  const publicPort = await serve((request, response) => handle?.(request, response));
  const publicUrl = `http://127.0.0.1:${publicPort}`;
  const ingest = createIngest({
    settings: readSettings(ingestSettings, {
      ...{ OURA_CLIENT_ID: 'our-client', OURA_CLIENT_SECRET: 'our-secret', OURA_API_URL: simulator.url },
      OURA_AUTHORIZE_URL: `${simulator.url}${oauthPaths.authorize[0]}`,
      OURA_TOKEN_URL: `${simulator.url}${oauthPaths.newToken},${simulator.url}${oauthPaths.legacyToken}`,
      OURA_REVOKE_URL: `${simulator.url}${oauthPaths.newRevoke},${simulator.url}${oauthPaths.legacyRevoke}`,
      ...{ PUBLIC_URL: publicUrl, HISTORY_DAYS: '12' },
    }),
    ...{ log, state, store, logger, registry, clock: systemClock, lease: heldLease, publicPort: () => publicPort },
    secrets: createSecrets([randomBytes(32)]),
  });
  handle = ingest.publicHandler;
  await ingest.start();
  closers.push(() => ingest.stop());
  ingest.publicListenerIsLive();
  const mainPort = await serve(express().use(ingest.commands).use(jsonErrors(logger)));
  const ask = (method: string, path: string, body?: object) =>
    fetch(`http://127.0.0.1:${mainPort}${path}`, {
      ...{ method, headers: { 'content-type': 'application/json' } },
      ...(body && { body: JSON.stringify(body) }),
    });
  const connect = async () => {
    const { authorize_url: page } = await (await ask('POST', '/api/v1/connect', { name: 'Anna' })).json();
    return (await fetch(page)).text();
  };
  const documents = (): Promise<DocumentMessage[]> => readTopic(log, documentsTopic, decodeDocument);
  const notifications = () => readTopic(log, notificationsTopic, decodeNotification);
  /** Everybody's history is loaded. */
  const loaded = () =>
    until(async () => {
      const [person] = await (await ask('GET', '/api/v1/people')).json();
      const isDone =
        person?.resources.length === resources.length &&
        person.resources.every(({ history_done: done }: { history_done: boolean }) => done);
      return isDone ? person : undefined;
    });
  const advance = async (ms: number) => {
    presentMs += ms;
    await simulator.advance(new Date(presentMs));
    await simulator.settle();
  };
  return {
    simulator,
    ring,
    log,
    state,
    ingest,
    registry,
    publicUrl,
    ask,
    connect,
    loaded,
    documents,
    notifications,
    advance,
  };
}

test('a ring that is connected is loaded whole, and what a webhook names follows as a new version', async () => {
  const { simulator, ring, ask, connect, loaded, documents, notifications, registry } = await opened();
  expect(await connect()).toContain('Your ring is connected');
  const person = await loaded();
  const first = await documents();
  const found = new Set(first.map(({ resource }) => resource));
  for (const resource of [
    'sleep',
    'daily_activity',
    'heartrate',
    'ring_battery_level',
    'personal_info',
    'ring_configuration',
  ])
    expect(found).toContain(resource);
  const days = first
    .filter(({ resource }) => resource === 'daily_activity')
    .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)).day);
  expect(new Set(days).size).toBeGreaterThanOrEqual(11);
  expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
  expect(new Set(first.map(({ userId }) => userId))).toEqual(new Set([person.user_id]));

  await until(
    () =>
      simulator.requests.filter(({ path, method }) => method === 'POST' && path.includes('subscription')).length >=
        51 || undefined,
  );
  const night = first.find(({ resource }) => resource === 'sleep');
  const asked = () => simulator.requests.filter(({ path }) => path.endsWith(`/sleep/${night?.objectId}`)).length;
  simulator.notify({
    ouraUserId: ring.ouraUserId,
    dataType: 'sleep',
    eventType: 'update',
    objectId: night?.objectId ?? '',
  });
  await until(() => asked() > 0 || undefined);
  simulator.notify({ ouraUserId: ring.ouraUserId, dataType: 'sleep', eventType: 'delete', objectId: 'never-seen' });
  const deletion = await until(async () => (await documents()).find(({ deleted }) => deleted));
  expect(deletion).toMatchObject({ objectId: 'never-seen', via: 'webhook', sequence: 1 });
  // The night was fetched and said what it said before: no version.
  expect((await documents()).length).toBe(first.length + 1);
  expect((await notifications()).map(({ userId }) => userId)).toEqual([person.user_id, person.user_id]);
  expect(await (await ask('GET', '/api/v1/fetch-jobs')).json()).toEqual([]);
  const metrics = await registry.metrics();
  expect(metrics).toContain('oura_webhook_requests_total{answer="accepted"} 2');
  expect(metrics).toContain('oura_fetches_total{outcome="deletion"} 1');
});

test('what cannot be fetched is listed, and what is forged has no effect', async () => {
  const { simulator, ring, ask, notifications, registry } = await opened();
  await until(
    () =>
      simulator.requests.filter(({ path, method }) => method === 'POST' && path.includes('subscription')).length >=
        51 || undefined,
  );
  simulator.notify({ ouraUserId: ring.ouraUserId, dataType: 'meal', eventType: 'create', objectId: 'm1' });
  simulator.notify({ ouraUserId: ring.ouraUserId, dataType: 'sleep', eventType: 'create', objectId: 's1' });
  simulator.notify({
    ouraUserId: ring.ouraUserId,
    dataType: 'sleep',
    eventType: 'create',
    objectId: 's2',
    forgeWith: 'guess',
  });
  const jobs = await until(async () => {
    const listed = await (await ask('GET', '/api/v1/fetch-jobs')).json();
    return listed.length === 2 ? listed : undefined;
  });
  const reasons = jobs.map((job: Record<string, unknown>) => `${job.object_id} ${job.state} ${job.reason}`);
  expect(reasons.sort()).toEqual(['m1 given_up no_route', 's1 parked waiting_for_connection']);
  await simulator.settle();
  expect(await notifications()).toHaveLength(2);
  expect(await registry.metrics()).toContain('oura_webhook_requests_total{answer="forged"} 3');
});

test('"load now" is for somebody who is connected', async () => {
  const { simulator, ask, connect, loaded } = await opened();
  expect((await ask('POST', '/api/v1/people/nobody/sync')).status).toBe(404);
  await connect();
  const person = await loaded();
  const before = simulator.requests.length;
  const answer = await ask('POST', `/api/v1/people/${person.user_id}/sync`);
  expect([answer.status, await answer.json()]).toEqual([202, { user_id: person.user_id, resources: resources.length }]);
  await until(() => simulator.requests.length >= before + resources.length || undefined);
  expect((await ask('GET', '/api/v1/fetch-jobs?state=broken')).status).toBe(400);
});

test('a file goes the way of every document, and twice changes nothing', async () => {
  const { ask, documents } = await opened();
  const file = [{ id: 'n1', day: '2026-11-20', score: 80, contributors: {}, timestamp: '2026-11-20T00:00:00+00:00' }];
  const send = () => ask('POST', '/api/v1/people/Anna/import?file=daily_sleep.json&type=daily_sleep', file);
  expect((await send()).status).toBe(200);
  await send();
  expect(await documents()).toMatchObject([{ resource: 'daily_sleep', objectId: 'n1', sequence: 1, via: 'import' }]);
});

test('the public listener shows the webhook, the callback and connect links, and nothing else', async () => {
  const { publicUrl } = await opened();
  const status = async (path: string, method = 'GET') =>
    (await fetch(publicUrl + path, { method, redirect: 'manual' })).status;
  expect(await status('/webhooks/oura')).toBe(400);
  expect(await status('/webhooks/oura', 'POST')).toBe(401);
  expect(await status('/oauth/callback?state=x')).not.toBe(404);
  expect(await status('/connect?state=x')).toBe(404);
  for (const path of [
    '/',
    '/webhooks',
    '/webhooks/oura/x',
    '/webhooks/ourax',
    '/dashboard',
    '/events',
    '/metrics',
    '/healthz',
    '/readyz',
    '/ws',
  ])
    expect([path, await status(path)]).toEqual([path, 404]);
  for (const path of ['/api/v1/people', '/api/v1/connect', '/api/v1/fetch-jobs', '/api/v1/import'])
    for (const method of ['GET', 'POST', 'DELETE']) expect([path, await status(path, method)]).toEqual([path, 404]);
});
