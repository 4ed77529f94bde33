import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { type Bench, CLIENT, closeBenches, NOW, openBench, openReceiver } from '../testing/bench.ts';

afterEach(closeBenches);

const ring = (bench: Bench, extra: Partial<Parameters<Bench['simulator']['notify']>[0]> = {}): Promise<void> => {
  bench.simulator.notify({
    ouraUserId: bench.ouraUserId,
    dataType: 'sleep',
    eventType: 'update',
    objectId: 'abc',
    ...extra,
  });
  return bench.simulator.settle();
};

test('a notification is signed over the timestamp and its exact bytes, and carries five fields', async () => {
  const bench = await openBench({ traps: { upperCaseSignature: true } });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep']);
  await ring(bench);
  const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: string }];
  const timestamp = headers['x-oura-timestamp'] ?? '';
  const expected = createHmac('sha256', CLIENT.clientSecret)
    .update(timestamp + body)
    .digest('hex')
    .toUpperCase();
  expect(headers['x-oura-signature']).toBe(expected);
  expect(timestamp).toBe(String(NOW / 1000));
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(body)).toEqual({
    event_type: 'update',
    data_type: 'sleep',
    object_id: 'abc',
    event_time: '2026-11-23T12:00:00.000000+00:00',
    user_id: bench.ouraUserId,
  });
});

test.each([400, 401, 404, 500, 503])(
  'an answer %d is tried again ten times, then the event is lost',
  async (status) => {
    const bench = await openBench();
    const receiver = await openReceiver();
    receiver.answers = Array.from({ length: 50 }, () => status);
    await bench.subscribe(receiver, ['sleep']);
    await ring(bench);
    expect(receiver.received).toHaveLength(11);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(bench.simulator.deliveries.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(
      Array.from({ length: 11 }, (_, index) => [index + 1, status]),
    );
  },
);

test('a receiver that recovers gets the event once, and a redirect counts as received', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  receiver.answers = [500, 500, 200, 302];
  await bench.subscribe(receiver, ['sleep']);
  await ring(bench);
  expect(receiver.received).toHaveLength(3);
  await ring(bench);
  expect(receiver.received).toHaveLength(4);
});

test('a receiver that is gone costs retries too', async () => {
  const bench = await openBench({ retryDelaysMs: [0, 0] });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep']);
  await receiver.close();
  await ring(bench);
  expect(bench.simulator.deliveries.map(({ outcome }) => outcome)).toEqual([
    'unreachable',
    'unreachable',
    'unreachable',
  ]);
});

test('a receiver that takes too long has not received anything', async () => {
  const bench = await openBench({ retryDelaysMs: [0], deliveryTimeoutMs: 20 });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep']);
  receiver.isSilent = true;
  await ring(bench);
  expect(bench.simulator.deliveries.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
});

test('forgeries, old timestamps and repetitions can be sent on demand', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep']);
  await ring(bench, { forgeWith: 'not-the-secret', timestampS: 1_000_000_000, times: 3 });
  expect(receiver.received).toHaveLength(3);
  const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: string }];
  expect(headers['x-oura-timestamp']).toBe('1000000000');
  const genuine = createHmac('sha256', CLIENT.clientSecret).update(`1000000000${body}`).digest('hex');
  expect(headers['x-oura-signature']?.toLowerCase()).not.toBe(genuine);
});

test('only what is subscribed to is sent, and nothing after the subscription is over', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['daily_sleep']);
  await bench.simulator.advance(new Date(NOW + 3 * 86_400_000));
  await bench.simulator.settle();
  const types = receiver.received.map(({ body }) => (JSON.parse(body) as { data_type: string }).data_type);
  expect(new Set(types)).toEqual(new Set(['daily_sleep']));
  const before = receiver.received.length;
  await bench.simulator.advance(new Date(NOW + 92 * 86_400_000));
  await bench.simulator.settle();
  const times = receiver.received
    .slice(before)
    .map(({ body }) => Date.parse((JSON.parse(body) as { event_time: string }).event_time));
  expect(Math.max(...times)).toBeGreaterThan(NOW + 88 * 86_400_000);
  expect(Math.max(...times)).toBeLessThanOrEqual(NOW + 90 * 86_400_000);
  expect((await bench.subscriptions('GET')).status).toBe(200);
});

test('nobody hears of people who did not connect the app, or revoked it', async () => {
  const bench = await openBench({ users: [{}, {}] });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['daily_activity', 'sleep']);
  await bench.simulator.advance(new Date(NOW + 2 * 86_400_000));
  await bench.simulator.settle();
  const people = new Set(receiver.received.map(({ body }) => (JSON.parse(body) as { user_id: string }).user_id));
  expect(people).toEqual(new Set([bench.ouraUserId]));
  const before = receiver.received.length;
  await fetch(`${bench.simulator.url}/oauth/revoke?access_token=${bench.tokens.access_token}`);
  await bench.simulator.advance(new Date(NOW + 4 * 86_400_000));
  await bench.simulator.settle();
  expect(receiver.received).toHaveLength(before);
});

test('what a notification names can be fetched at once, and a deleted document no more', async () => {
  const bench = await openBench({ traps: { deletions: true, naps: true } });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep', 'daily_readiness']);
  for (let hour = 1; hour <= 24 * 16; hour += 6) {
    const before = receiver.received.length;
    await bench.simulator.advance(new Date(NOW + hour * 3_600_000));
    await bench.simulator.settle();
    for (const { body } of receiver.received.slice(before)) {
      const { data_type, object_id, event_type } = JSON.parse(body) as Record<string, string>;
      const isGone =
        event_type === 'delete' ||
        receiver.received.some((later) => later.body.includes('"delete"') && later.body.includes(object_id ?? ''));
      expect((await bench.get(`${data_type}/${object_id}`)).status).toBe(isGone ? 404 : 200);
    }
  }
  expect(receiver.received.some(({ body }) => body.includes('"event_type":"delete"'))).toBe(true);
});
