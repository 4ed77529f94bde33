import { afterEach, expect, test } from '@jest/globals';
import { type Bench, closeBenches, openBench, openReceiver } from '../testing/bench.ts';

afterEach(closeBenches);

const post = (bench: Bench, action: string, body: unknown = {}): Promise<Response> =>
  fetch(`${bench.simulator.url}/_simulator/${action}`, { method: 'POST', body: JSON.stringify(body) });
const state = async (bench: Bench): Promise<Record<string, unknown>> =>
  (await (await fetch(`${bench.simulator.url}/_simulator/state`)).json()) as Record<string, unknown>;

test('time is moved over HTTP, by a span or to an instant, and says how much happened', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['daily_activity']);
  const moved = (await (await post(bench, 'advance', { by: '1d' })).json()) as { present: string; events: number };
  expect(moved.present).toBe('2026-11-24T12:00:00.000Z');
  expect(moved.events).toBeGreaterThan(20);
  await post(bench, 'advance', { to: '2026-11-24T18:00:00+01:00' });
  await post(bench, 'settle');
  expect(await state(bench)).toMatchObject({
    present: '2026-11-24T17:00:00.000Z',
    subscriptions: 3,
    connected: [bench.ouraUserId],
    pendingDeliveries: 0,
  });
  expect(receiver.received.length).toBeGreaterThan(10);
});

test('faults and notifications are ordered over HTTP, and every request is in the log', async () => {
  const bench = await openBench();
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep']);
  expect((await post(bench, 'fail', { route: 'workout', status: 503 })).status).toBe(204);
  expect((await bench.get('workout')).status).toBe(503);
  const notification = {
    ouraUserId: bench.ouraUserId,
    dataType: 'sleep',
    eventType: 'create',
    objectId: 'x',
    times: 2,
  };
  expect((await post(bench, 'notify', notification)).status).toBe(204);
  await post(bench, 'settle');
  expect(receiver.received).toHaveLength(2);
  const requests = (await (await fetch(`${bench.simulator.url}/_simulator/requests`)).json()) as {
    path: string;
    status: number;
  }[];
  expect(requests).toContainEqual(expect.objectContaining({ path: '/v2/usercollection/workout', status: 503 }));
  expect(requests.some(({ path }) => path.startsWith('/_simulator'))).toBe(false);
});

test.each([
  ['advance', {}],
  ['advance', { by: 'soon' }],
  ['advance', { to: '2026-11-24T18:00:00Z', by: '1d' }],
  ['fail', { status: 42 }],
  ['notify', { dataType: 'sleep' }],
])('%s %j is refused with a reason', async (action, body) => {
  const answer = await post(await openBench(), action, body);
  expect(answer.status).toBe(400);
  expect(String(((await answer.json()) as { error: string }).error).length).toBeGreaterThan(10);
});
