import { afterEach, expect, test } from '@jest/globals';
import { closeBenches, NOW, openBench } from '../testing/bench.ts';
import { createFaultPlan } from './faults.ts';

afterEach(closeBenches);

test.each([401, 403, 404, 410, 422, 426, 500, 503])(
  '%d comes as often as asked for, then the truth again',
  async (status) => {
    const bench = await openBench();
    bench.simulator.failNext({ route: 'sleep', status, times: 2 });
    expect((await bench.get('daily_sleep')).status).toBe(200);
    expect((await bench.get('sleep')).status).toBe(status);
    expect((await bench.get('sleep/x')).status).toBe(status);
    expect((await bench.get('sleep')).status).toBe(200);
  },
);

test('429 brings its five headers', async () => {
  const bench = await openBench();
  bench.simulator.failNext({ status: 429, headers: { 'Retry-After': '7' } });
  const { status, headers } = await bench.get('sleep');
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('7');
  for (const name of ['x-ratelimit-limit', 'x-ratelimit-window', 'x-ratelimit-reset', 'x-ratelimit-tier'])
    expect(headers.has(name)).toBe(true);
});

test('a limit counts per token in a window of simulated time', async () => {
  const bench = await openBench({ rateLimit: { requests: 3, windowS: 60 } });
  const other = bench.simulator.grant(bench.ouraUserId).access_token;
  const statuses: number[] = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await bench.get('ring_configuration')).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect((await bench.get('ring_configuration', other)).status).toBe(200);
  bench.setNow(NOW + 20_000);
  const limited = await bench.get('ring_configuration');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '40']);
  bench.setNow(NOW + 60_000);
  expect((await bench.get('ring_configuration')).status).toBe(200);
});

test('an answer can be slow, or not come at all', async () => {
  const bench = await openBench();
  bench.simulator.failNext({ route: 'sleep', delayMs: 40 });
  const started = performance.now();
  expect((await bench.get('sleep')).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(30);
  bench.simulator.failNext({ route: 'sleep', hangUp: true });
  await expect(bench.get('sleep')).rejects.toThrow();
});

test('a fault can be meant for one person, one method or the token address', () => {
  const plan = createFaultPlan();
  plan.add({ status: 403, ouraUserId: 'ann' });
  plan.add({ route: '/oauth/', method: 'post', status: 500 });
  const query = { method: 'GET', path: '/v2/usercollection/sleep', resource: 'sleep', ouraUserId: 'bob' };
  expect(plan.take(query)).toBeNull();
  expect(plan.take({ ...query, path: '/oauth/token' })).toBeNull();
  expect(plan.take({ method: 'POST', path: '/oauth/token', resource: null, ouraUserId: null })?.status).toBe(500);
  expect(plan.take({ ...query, ouraUserId: 'ann' })?.status).toBe(403);
  expect(plan.pending()).toBe(0);
});

test('a fault that makes no sense is refused when it is given', () => {
  expect(() => createFaultPlan().add({ status: 42 })).toThrow();
});
