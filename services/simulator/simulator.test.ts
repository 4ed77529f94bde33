import { afterEach, expect, jest, test } from '@jest/globals';
import { closeBenches, NOW, openBench, openReceiver } from './testing/bench.ts';
import { usualTraps } from './traps.ts';

jest.setTimeout(60_000);
afterEach(closeBenches);
const DAY_MS = 86_400_000;

test('a year of one ring passes in seconds', async () => {
  const bench = await openBench({ traps: usualTraps });
  const receiver = await openReceiver();
  await bench.subscribe(receiver, ['sleep', 'daily_sleep', 'workout']);
  const started = performance.now();
  const events = await bench.simulator.advance(new Date(NOW + 365 * DAY_MS));
  expect(events).toBeGreaterThan(10_000);
  expect(performance.now() - started).toBeLessThan(30_000);
  await bench.simulator.settle();
  // Subscriptions expire after 90 days, so the receiver heard a quarter of it.
  expect(receiver.received.length).toBeGreaterThan(400);
  expect(bench.simulator.present().getTime()).toBe(NOW + 365 * DAY_MS);
});

test('advancing step by step tells the same as in one go, and nothing twice', async () => {
  const tell = async (stepMs: number): Promise<string[]> => {
    const bench = await openBench({ traps: { inProgressNights: true, rescoring: true, deletions: true } });
    const receiver = await openReceiver();
    await bench.subscribe(receiver, ['sleep', 'daily_readiness', 'daily_activity']);
    for (let at = NOW + stepMs; at <= NOW + 6 * DAY_MS; at += stepMs) await bench.simulator.advance(new Date(at));
    await bench.simulator.settle();
    await bench.simulator.advance(new Date(NOW));
    return receiver.received.map(({ body }) => body).sort();
  };
  const bySteps = await tell(3 * 3_600_000);
  expect(bySteps).toEqual(await tell(6 * DAY_MS));
  expect(new Set(bySteps).size).toBe(bySteps.length);
});

test('people have different nights, ids and zones, the same ones after a restart', async () => {
  const users = [{}, {}, {}];
  const nights = async (seed: number): Promise<unknown[]> => {
    const bench = await openBench({ users, seed });
    const lists = bench.simulator.users.map(async ({ ouraUserId }) => {
      const token = bench.simulator.grant(ouraUserId).access_token;
      const answer = await bench.get('sleep?start_date=2026-11-20&end_date=2026-11-22', token);
      return ((await answer.json()) as { data: unknown[] }).data[0];
    });
    return Promise.all(lists);
  };
  const first = await nights(1);
  expect(new Set(first.map((night) => JSON.stringify(night))).size).toBe(3);
  expect(await nights(1)).toEqual(first);
  expect(await nights(2)).not.toEqual(first);
});

test('history begins where it was told to', async () => {
  const bench = await openBench({ historyDays: 10 });
  const { data } = await bench.list('daily_sleep?start_date=2020-01-01&end_date=2026-11-24');
  expect(data.map(({ day }) => day)).toEqual(
    ['13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23'].map((d) => `2026-11-${d}`),
  );
});

test('a lively ring has something new about every half minute, at night too, and never falls silent', async () => {
  const bench = await openBench({ traps: usualTraps, liveliness: 90, liveFrom: new Date(NOW) });
  const counts: number[] = [];
  for (let step = 1; step <= 48 * 4; step += 1) {
    counts.push(await bench.simulator.advance(new Date(NOW + step * 900_000)));
  }
  expect(Math.min(...counts)).toBeGreaterThan(5);
  const before = (await bench.list('heartrate?latest=true')).data[0];
  await bench.simulator.advance(new Date(NOW + 2 * DAY_MS + 1_800_000));
  const after = (await bench.list('heartrate?latest=true')).data[0];
  expect(Number(after?.timestamp_unix)).toBeGreaterThan(Number(before?.timestamp_unix));
});

test('a port in use and a lack of people are said plainly', async () => {
  const bench = await openBench();
  const port = Number(new URL(bench.simulator.url).port);
  await expect(openBench({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
  await expect(openBench({ users: [] })).rejects.toThrow('needs at least one user');
  expect(() => bench.simulator.grant('nobody')).toThrow('no simulated person has the id nobody');
});

test('a stopped simulator keeps nothing alive: a failing receiver is not tried again', async () => {
  const bench = await openBench({ retryDelaysMs: [60_000] });
  const receiver = await openReceiver();
  receiver.answers = [500];
  await bench.subscribe(receiver, ['sleep']);
  bench.simulator.notify({ ouraUserId: bench.ouraUserId, dataType: 'sleep', eventType: 'update', objectId: 'x' });
  const settled = bench.simulator.settle();
  await closeBenches();
  await settled;
  await expect(bench.get('sleep')).rejects.toThrow();
});
