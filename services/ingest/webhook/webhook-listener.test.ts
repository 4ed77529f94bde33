import { createHmac } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { decodeNotification } from '../../../schemas/notification.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createRecordingLog } from '../../../test/support/recording-log.ts';
import { Failure } from '../../runtime/failure.ts';
import { eraseIngestRows } from '../../storage/erasure/erase-state-rows.ts';
import { findErased, welcomeAgain } from '../../storage/erasures.ts';
import { adoptPerson } from '../../storage/people.ts';
import { beginErasing } from '../erase/ingest-erase-part.ts';
import { createPersonLookup, unknownPersonId } from './person-lookup.ts';
import { webhookAnswerNames, webhookAnswers } from './webhook-answer.ts';
import { createWebhookListener, type WebhookParts } from './webhook-listener.ts';

const secret = 'client-secret';
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function listen(change: Partial<WebhookParts> = {}) {
  const log = createRecordingLog();
  const clock = createManualClock();
  const counted: string[] = [];
  const listener = createWebhookListener({
    log,
    secrets: [secret],
    windowMs: 7_200_000,
    userIdOf: (ouraUserId) => `ours-${ouraUserId}`,
    isVerificationToken: (token) => token === 'expected',
    clock,
    logger: { warn: () => {}, info: () => {} },
    count: (answer) => counted.push(answer),
    ...change,
  });
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/webhooks/oura`;
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const signed = (body: string, headers: Record<string, string> = {}) =>
    post(body, { ...sign(body, clock.now()), ...headers });
  return { log, clock, counted, url, port, post, signed };
}

function sign(body: string, atMs: number, key = secret): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', key).update(timestamp).update(body).digest('hex').toUpperCase();
  return { 'x-oura-signature': signature, 'x-oura-timestamp': timestamp };
}

const notification = (objectId = 'a') =>
  JSON.stringify({
    event_type: 'update',
    data_type: 'sleep',
    object_id: objectId,
    event_time: '2026-11-23T07:59:30+00:00',
    user_id: 'o1',
  });

test('a signed notification is answered 202 and stands in the log with its exact bytes and signature', async () => {
  const { log, signed, clock, counted } = await listen();
  const body = notification().replace('{', '{ ');
  const response = await signed(body);
  expect(response.status).toBe(202);
  const [message] = log.records.map(decodeNotification);
  expect(Buffer.from(message?.bytes ?? []).toString()).toBe(body);
  expect(message).toMatchObject({ userId: 'ours-o1', receivedAt: '2026-11-23T08:00:00.000Z' });
  expect(message).toMatchObject({ signature: sign(body, clock.now())['x-oura-signature'] });
  expect(counted).toEqual(['accepted']);
});

test('nothing is acknowledged before the log has it', async () => {
  const { log, signed } = await listen();
  const gate = Promise.withResolvers<void>();
  log.gate = gate.promise;
  let isAnswered = false;
  const response = signed(notification()).then((answer) => {
    isAnswered = true;
    return answer;
  });
  while (log.appends === 0) await new Promise(setImmediate);
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  expect(isAnswered).toBe(false);
  gate.resolve();
  expect((await response).status).toBe(202);
});

test("Oura's retry of the same body is answered 202 and appended once, also when whitespace was added to it", async () => {
  const { log, signed, post, clock, counted } = await listen();
  await signed(notification());
  await clock.advance(60_000);
  expect((await signed(notification())).status).toBe(202);
  expect((await post(`${notification()}\n`, sign(notification(), clock.now()))).status).toBe(202);
  expect(log.records).toHaveLength(1);
  expect(counted).toEqual(['accepted', 'known', 'known']);
});

test('what the log did not take is not remembered as kept', async () => {
  const { log, signed } = await listen();
  log.failure = new Failure('dependency', 'disk full');
  const refused = await signed(notification());
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  log.failure = undefined;
  expect((await signed(notification())).status).toBe(202);
  expect(log.records).toHaveLength(1);
});

test.each<[string, string, (body: string, nowMs: number) => Record<string, string>, number]>([
  ['unsigned', notification(), () => ({}), 401],
  ['signed with another secret', notification(), (body, nowMs) => sign(body, nowMs, 'other'), 401],
  ['older than the window', notification(), (body, nowMs) => sign(body, nowMs - 7_201_000), 401],
  ['from beyond the window ahead', notification(), (body, nowMs) => sign(body, nowMs + 7_201_000), 401],
  ['signed but not JSON', '{"event_type":', sign, 400],
  ['signed but no notification', '{"hello":"world"}', sign, 400],
  ['signed but empty', '', sign, 400],
  ['not JSON by its type', notification(), (b, n) => ({ ...sign(b, n), 'content-type': 'text/plain' }), 415],
  ['compressed', notification(), (b, n) => ({ ...sign(b, n), 'content-encoding': 'gzip' }), 415],
  ['larger than any notification', `${notification()}${' '.repeat(70_000)}`, sign, 413],
])('a request that is %s has no effect', async (_, body, headers, status) => {
  const { log, post, clock } = await listen();
  const response = await post(body, headers(body, clock.now()));
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  expect(log.appends).toBe(0);
});

test('a body without a declared length is counted while it streams and refused at the limit', async () => {
  const { port, counted } = await listen();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const request = httpRequest(
      { port, host: '127.0.0.1', path: '/webhooks/oura', method: 'POST', headers },
      (response) => {
        response.resume();
        resolve(response.statusCode);
        request.destroy();
      },
    );
    request.on('error', reject);
    // Never ended: an answer proves that the listener did not wait for the end.
    request.write(' '.repeat(70_000));
  });
  expect(status).toBe(413);
  expect(counted).toEqual(['too_large']);
});

test('a body that does not arrive is given up and what it held is freed', async () => {
  const { port, clock } = await listen();
  const answered = new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': '100' };
    const request = httpRequest(
      { port, host: '127.0.0.1', path: '/webhooks/oura', method: 'POST', headers },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on('error', reject);
    request.write('{');
  });
  while (clock.waiting() === 0) await new Promise(setImmediate);
  await clock.advance(10_000);
  expect(await answered).toBe(400);
});

test('a log that hangs is answered 503 before Oura gives up, and then what is in flight stays bounded', async () => {
  const { log, signed, clock } = await listen({ maxInFlight: 2 });
  log.gate = new Promise(() => {});
  const first = [signed(notification('a')), signed(notification('b'))];
  while (log.appends < 2) await new Promise(setImmediate);
  const third = await signed(notification('c'));
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '10']);
  await clock.advance(9_000);
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([503, 503]);
  expect((await signed(notification('d'))).status).toBe(503);
  expect(log.appends).toBe(2);
});

test('whoever was answered makes room for the next', async () => {
  const { signed, post, url } = await listen({ maxInFlight: 1 });
  for (const objectId of ['a', 'b', 'c']) expect((await signed(notification(objectId))).status).toBe(202);
  expect((await post(notification())).status).toBe(401);
  expect((await fetch(url)).status).toBe(400);
  expect((await signed(notification('d'))).status).toBe(202);
});

test('each request has the same time from its own arrival', async () => {
  const { log, signed, clock } = await listen();
  const gate = Promise.withResolvers<void>();
  log.gate = gate.promise;
  const statuses: Record<string, number> = {};
  const send = async (objectId: string) => {
    statuses[objectId] = (await signed(notification(objectId))).status;
  };
  const early = send('a');
  while (log.appends < 1) await new Promise(setImmediate);
  await clock.advance(5_000);
  const late = send('b');
  while (log.appends < 2) await new Promise(setImmediate);
  await clock.advance(2_000);
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  expect(statuses).toEqual({});
  await clock.advance(2_000);
  await early;
  expect(statuses).toEqual({ a: 503 });
  gate.resolve();
  await late;
  expect(statuses).toEqual({ a: 503, b: 202 });
});

test('without a secret nothing can be checked, which is our fault: 503', async () => {
  const { signed } = await listen({ secrets: [] });
  expect((await signed(notification())).status).toBe(503);
});

test('a database that is down while the person is looked up is our fault: 503', async () => {
  const { signed } = await listen({ userIdOf: () => Promise.reject(new Failure('dependency', 'down')) });
  expect((await signed(notification())).status).toBe(503);
});

test('the challenge of GET is answered for our verification token alone', async () => {
  const { url } = await listen();
  const ask = async (query: string) => {
    const response = await fetch(`${url}?${query}`);
    return [response.status, await response.json()];
  };
  expect(await ask('verification_token=expected&challenge=c%22%3C')).toEqual([200, { challenge: 'c"<' }]);
  expect((await ask('verification_token=guess&challenge=c'))[0]).toBe(401);
  expect((await ask('verification_token=expected'))[0]).toBe(400);
  expect((await ask(''))[0]).toBe(400);
});

test.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s is not allowed', async (method) => {
  const { url } = await listen();
  const response = await fetch(url, { method });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('no answer is 410, and every answer for a fault of ours is 503', () => {
  const statuses = webhookAnswerNames.map((name) => webhookAnswers[name].status);
  expect(statuses).not.toContain(410);
  expect(new Set(statuses)).toEqual(new Set([202, 400, 401, 405, 413, 415, 503]));
});

test('a notification of somebody unknown goes to a stand-in, and to the person as soon as they connect', async () => {
  const state = await openTestState();
  const lookup = createPersonLookup({ state, clock: createManualClock() });
  const { log, signed } = await listen({ userIdOf: lookup.userIdOf });
  await signed(notification('a'));
  const person = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 1 }));
  lookup.forget('o1');
  await signed(notification('b'));
  expect(log.records.map(({ partitionKey }) => partitionKey)).toEqual([unknownPersonId('o1'), person.userId]);
  expect(unknownPersonId('o1')).toMatch(/^unknown-[0-9a-f]{16}$/);
  await state.close();
});

test('another process notices within half a minute that somebody connected', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  const lookup = createPersonLookup({ state, clock });
  expect(await lookup.userIdOf('o1')).toBe(unknownPersonId('o1'));
  const person = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 1 }));
  await clock.advance(30_000);
  expect(await lookup.userIdOf('o1')).toBe(person.userId);
  await state.close();
});

test('a late notification of somebody who was erased is acknowledged and counted, and nothing of it is kept', async () => {
  const state = await openTestState();
  const clock = createManualClock();
  const lookup = createPersonLookup({ state, clock });
  const { log, signed, counted } = await listen({ userIdOf: lookup.userIdOf });
  const person = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 1 }));
  await beginErasing(state, person, clock.now());
  for (const id of ['a', 'a']) {
    const response = await signed(notification(id));
    expect([response.status, await response.json()]).toEqual([202, { result: 'erased' }]);
  }
  expect(log.records).toEqual([]);
  expect(counted).toEqual(['erased', 'erased']);
  await state.close();
});

test('who was erased and connects again is somebody new, whose notifications are taken', async () => {
  const state = await openTestState();
  const lookup = createPersonLookup({ state, clock: createManualClock() });
  const once = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 1 }));
  const erasure = await beginErasing(state, once, 1);
  await state.transaction((tx) => eraseIngestRows(tx, erasure));
  const again = await state.transaction(async (tx) => {
    await welcomeAgain(tx, 'o1');
    return adoptPerson(tx, { name: 'Anna', ouraUserId: 'o1', nowMs: 2 });
  });
  expect(again.userId).not.toBe(once.userId);
  expect(await lookup.userIdOf('o1')).toBe(again.userId);
  expect(await findErased(state.read, [once.userId, again.userId])).toEqual(new Set([once.userId]));
  await state.close();
});
