// The keeper against the simulator's subscription routes, with a receiver that answers Oura's challenge.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { readSettings } from '../../runtime/settings.ts';
import { createSimulator } from '../../simulator/simulator.ts';
import { listSubscriptionStatuses } from '../../storage/subscriptions.ts';
import { ouraSettings } from '../oauth/oura-settings.ts';
import { callbackUrlOf, createSubscriptionKeeper } from './subscription-keeper.ts';
import { isVerificationToken } from './verification-token.ts';

const dayMs = 24 * 3_600_000;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A public listener that knows its own address and agrees to nothing else. */
async function receiver() {
  let isLive = true;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const token = url.searchParams.get('verification_token') ?? '';
    const isOurs = isLive && isVerificationToken('our-secret', `${url.origin}/webhooks/oura`, token);
    response.writeHead(isOurs ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ challenge: url.searchParams.get('challenge') }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setLive: (value: boolean) => {
      isLive = value;
    },
  };
}

async function opened() {
  const clock = createManualClock();
  const simulator = await createSimulator({
    ...{ seed: 7, users: [{}], clientId: 'our-client', clientSecret: 'our-secret', historyDays: 1 },
    now: () => new Date(clock.now()),
  });
  closers.push(() => simulator.stop());
  const state = await openTestState();
  closers.push(() => state.close());
  const lease = { isHeld: true, held: () => lease.isHeld };
  const keeper = (publicUrl: string, environment: Record<string, string> = {}) => {
    const made = createSubscriptionKeeper({
      settings: readSettings(ouraSettings, {
        ...{ OURA_CLIENT_ID: 'our-client', OURA_CLIENT_SECRET: 'our-secret' },
        ...{ OURA_API_URL: simulator.url, PUBLIC_URL: publicUrl, ...environment },
      }),
      ...{
        state,
        clock,
        lease,
        webhookPath: '/webhooks/oura',
        logger: createLogger({ level: 'silent', name: 'test' }),
      },
    });
    closers.push(() => made.stop());
    made.start();
    return made;
  };
  const writes = () =>
    simulator.requests.filter((request) => request.path.startsWith('/v2/webhook') && request.method !== 'GET');
  /** Waits until the keeper has nothing more to do than to wait. */
  const rested = async () => {
    while (clock.waiting() === 0) await new Promise(setImmediate);
  };
  const statuses = () => listSubscriptionStatuses(state.read);
  return { clock, simulator, keeper, writes, rested, statuses, lease };
}

test('all pairs are subscribed at the start, and the next day there is nothing to do', async () => {
  const { clock, keeper, writes, rested, statuses } = await opened();
  const { url } = await receiver();
  const kept = keeper(`${url}/`);
  await rested();
  expect(writes().map((request) => [request.method, request.status])).toEqual(
    Array.from({ length: 51 }, () => ['POST', 201]),
  );
  expect(await statuses()).toHaveLength(51);
  expect(
    (await statuses()).every((status) => status.problem === null && status.callbackUrl === `${url}/webhooks/oura`),
  ).toBe(true);
  expect(kept.problems()).toEqual([]);
  await clock.advance(dayMs);
  await rested();
  expect(writes()).toHaveLength(51);
});

test('three weeks before they end they are renewed', async () => {
  const { clock, keeper, writes, rested, statuses } = await opened();
  const { url } = await receiver();
  keeper(url, { OURA_WEBHOOK_TYPES: 'sleep', OURA_WEBHOOK_EVENTS: 'create' });
  await rested();
  for (let week = 1; week <= 10; week += 1) {
    await clock.advance(7 * dayMs);
    await rested();
  }
  expect(writes().map((request) => [request.method, request.status])).toEqual([
    ['POST', 201],
    ['PUT', 200],
  ]);
  expect((await statuses())[0]?.expiresAtMs).toBeGreaterThan(clock.now() + 88 * dayMs);
});

test('a new public address moves them', async () => {
  const { keeper, writes, rested, statuses } = await opened();
  const [first, second] = [await receiver(), await receiver()];
  const types = { OURA_WEBHOOK_TYPES: 'sleep', OURA_WEBHOOK_EVENTS: 'create,update' };
  const before = keeper(first.url, types);
  await rested();
  await before.stop();
  keeper(second.url, types);
  await rested();
  expect(writes().map((request) => [request.method, request.status])).toEqual([
    ['POST', 201],
    ['POST', 201],
    ['PUT', 200],
    ['PUT', 200],
  ]);
  expect((await statuses()).map((status) => status.callbackUrl)).toEqual([
    `${second.url}/webhooks/oura`,
    `${second.url}/webhooks/oura`,
  ]);
});

test('a receiver that is not reachable is named as the problem, and tried again until it is', async () => {
  const { clock, keeper, rested, statuses } = await opened();
  const { url, setLive } = await receiver();
  setLive(false);
  const kept = keeper(url, { OURA_WEBHOOK_TYPES: 'sleep', OURA_WEBHOOK_EVENTS: 'create' });
  await rested();
  expect(kept.problems()[0]).toMatch(/1 of 1 webhook subscriptions are missing.*challenge/);
  expect((await statuses())[0]).toMatchObject({ subscriptionId: null, problem: expect.stringContaining('422') });
  setLive(true);
  await clock.advance(60_000);
  await rested();
  expect(kept.problems()).toEqual([]);
});

test('an Oura that is down is asked again soon, not the next day', async () => {
  const { clock, simulator, keeper, rested, statuses } = await opened();
  const { url } = await receiver();
  simulator.failNext({ route: '/v2/webhook', status: 503 });
  const kept = keeper(url, { OURA_WEBHOOK_TYPES: 'sleep' });
  await rested();
  expect(kept.problems()).toEqual(['The webhook subscriptions could not be checked: Oura answered 503.']);
  await clock.advance(60_000);
  await rested();
  expect(kept.problems()).toEqual([]);
  expect(await statuses()).toHaveLength(3);
});

test('a pair that cannot be renewed is made anew', async () => {
  const { clock, simulator, keeper, writes, rested } = await opened();
  const { url } = await receiver();
  keeper(url, { OURA_WEBHOOK_TYPES: 'sleep', OURA_WEBHOOK_EVENTS: 'create' });
  await rested();
  simulator.failNext({ route: '/v2/webhook/subscription/renew', status: 403 });
  for (let week = 1; week <= 10; week += 1) {
    await clock.advance(7 * dayMs);
    await rested();
  }
  expect(writes().map((request) => [request.method, request.status])).toEqual([
    ['POST', 201],
    ['PUT', 403],
    ['DELETE', 204],
    ['POST', 201],
  ]);
});

test('only who holds the lease asks Oura', async () => {
  const { clock, simulator, keeper, rested, lease } = await opened();
  const { url } = await receiver();
  lease.isHeld = false;
  keeper(url);
  await rested();
  await clock.advance(10 * 60_000);
  expect(simulator.requests).toEqual([]);
  lease.isHeld = true;
  await clock.advance(30_000);
  await rested();
  expect(simulator.requests).not.toEqual([]);
});

test('without a public address there is nothing to subscribe to', () => {
  expect(callbackUrlOf({}, '/webhooks/oura')).toBeUndefined();
  expect(callbackUrlOf({ PUBLIC_URL: 'https://us.test/' }, '/webhooks/oura')).toBe('https://us.test/webhooks/oura');
});
