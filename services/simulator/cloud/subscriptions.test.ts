import { afterEach, expect, test } from '@jest/globals';
import { CLIENT, closeBenches, NOW, openBench, openReceiver } from '../testing/bench.ts';

afterEach(closeBenches);

const pair = (callback_url: string, extra: Record<string, string> = {}) => ({
  callback_url,
  verification_token: 'my-token',
  event_type: 'update',
  data_type: 'sleep',
  ...extra,
});

test('the receiver is challenged before the subscription exists, with the token it chose', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  const created = await bench.subscriptions('POST', '', pair(`${receiver.url}?mine=1`));
  expect(created.status).toBe(201);
  const [challenge] = receiver.challenges;
  expect(challenge?.get('verification_token')).toBe('my-token');
  expect(challenge?.get('challenge')).toMatch(/.{16,}/);
  expect(challenge?.get('mine')).toBe('1');
});

test('a wrong challenge, a dead receiver and a pair that exists are 422, and nothing is created', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  receiver.wrongChallenge = 'nonsense';
  const wrong = await bench.subscriptions('POST', '', pair(receiver.url));
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({ detail: [{ loc: ['body', 'callback_url'] }] });
  receiver.wrongChallenge = null;
  const dead = await openReceiver();
  await dead.close();
  expect((await bench.subscriptions('POST', '', pair(dead.url))).status).toBe(422);
  expect(await (await bench.subscriptions('GET')).json()).toEqual([]);
  expect((await bench.subscriptions('POST', '', pair(receiver.url))).status).toBe(201);
  expect((await bench.subscriptions('POST', '', pair(receiver.url))).status).toBe(422);
});

test('two requests for one pair at once create one subscription', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  const both = await Promise.all([1, 2].map(() => bench.subscriptions('POST', '', pair(receiver.url))));
  expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
});

test.each([
  ['no address', { callback_url: 'nowhere' }],
  ['an unknown event', { event_type: 'upsert' }],
  ['an unknown data type', { data_type: 'heartrate' }],
  ['the spelling of the route', { data_type: 'vO2_max' }],
])('%s is 422', async (_, wrong) => {
  const bench = await openBench();
  const answer = await bench.subscriptions('POST', '', pair('http://127.0.0.1:9/', wrong));
  expect(answer.status).toBe(422);
  expect(((await answer.json()) as { detail: unknown[] }).detail.length).toBeGreaterThan(0);
});

test('all 51 pairs can be subscribed to one address', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  const types = [
    'tag',
    'enhanced_tag',
    'workout',
    'session',
    'sleep',
    'daily_sleep',
    'daily_readiness',
    'daily_activity',
    'daily_spo2',
    'sleep_time',
    'rest_mode_period',
    'ring_configuration',
    'daily_stress',
    'daily_cardiovascular_age',
    'daily_resilience',
    'vo2_max',
    'meal',
  ];
  await bench.subscribe(receiver, types);
  expect(((await (await bench.subscriptions('GET')).json()) as unknown[]).length).toBe(51);
});

test('a subscription expires after 90 days, is renewed, moved and removed', async () => {
  const bench = await openBench({ traps: { expiryWithoutTimeZone: true, unknownSubscriptionIs403: true } });
  const receiver = await openReceiver();
  const created = (await (await bench.subscriptions('POST', '', pair(receiver.url))).json()) as {
    id: string;
    expiration_time: string;
  };
  const expiresMs = (text: string): number => Date.parse(`${text.slice(0, 23)}Z`);
  expect(expiresMs(created.expiration_time)).toBe(NOW + 90 * 86_400_000);
  bench.setNow(NOW + 10 * 86_400_000);
  const renewed = (await (await bench.subscriptions('PUT', `/renew/${created.id}`)).json()) as {
    expiration_time: string;
  };
  expect(expiresMs(renewed.expiration_time)).toBe(NOW + 100 * 86_400_000);
  const elsewhere = await openReceiver();
  const moved = await bench.subscriptions('PUT', `/${created.id}`, {
    verification_token: 'new',
    callback_url: elsewhere.url,
  });
  expect(await moved.json()).toMatchObject({ id: created.id, callback_url: elsewhere.url, data_type: 'sleep' });
  expect(elsewhere.challenges).toHaveLength(1);
  expect((await bench.subscriptions('PUT', `/${created.id}`, { callback_url: elsewhere.url })).status).toBe(422);
  expect((await bench.subscriptions('DELETE', `/${created.id}`)).status).toBe(204);
  expect((await bench.subscriptions('DELETE', `/${created.id}`)).status).toBe(403);
});

test('only the app may ask', async () => {
  const bench = await openBench();
  const url = `${bench.simulator.url}/v2/webhook/subscription`;
  const headers = { 'x-client-id': CLIENT.clientId, 'x-client-secret': 'wrong' };
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers })).status).toBe(401);
});
