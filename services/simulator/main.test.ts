import { afterEach, expect, test } from '@jest/globals';
import { type RunningSimulator, readFlags, runSimulator, simulateFlags } from './main.ts';

let running: RunningSimulator | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

test('without options it is one lively ring with 90 days behind it, on a free port', async () => {
  running = await runSimulator();
  const { simulator } = running;
  const token = simulator.grant(simulator.users[0]?.ouraUserId ?? '').access_token;
  const answer = await fetch(`${simulator.url}/v2/usercollection/daily_sleep?start_date=2020-01-01`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(((await answer.json()) as { data: unknown[] }).data.length).toBeGreaterThan(40);
  expect(Math.abs(simulator.present().getTime() - Date.now())).toBeLessThan(5000);
});

test('the clock can run faster than life or stand still', async () => {
  const startAt = new Date('2026-11-01T00:00:00Z');
  running = await runSimulator({ speed: 0, startAt });
  expect(running.simulator.present()).toEqual(startAt);
  await running.stop();
  running = await runSimulator({ speed: 100_000, startAt });
  const { simulator } = running;
  while (simulator.present().getTime() < startAt.getTime() + 60_000) await new Promise(setImmediate);
  expect(simulator.present().getTime()).toBeGreaterThan(startAt.getTime());
});

test('every flag of the command line is read', () => {
  const options = readFlags([
    '--port',
    '0',
    '--users',
    '3',
    '--seed',
    '9',
    '--history-days',
    '30',
    '--speed',
    '60',
    '--liveliness',
    '1',
    '--auto-consent',
  ]);
  expect(options).toMatchObject({ port: 0, seed: 9, historyDays: 30, speed: 60, liveliness: 1, autoConsent: true });
  expect(options.users).toHaveLength(3);
  expect(readFlags([])).toMatchObject({ port: 8400, historyDays: 90, autoConsent: false });
  expect(Object.values(simulateFlags).every(({ help }) => help.length > 10)).toBe(true);
});

test('all bad flags are said at once, an unknown one by name', () => {
  const read = (): unknown => readFlags(['--port', 'x', '--users', '0']);
  expect(read).toThrow(/port[\s\S]*users|users[\s\S]*port/);
  expect(() => readFlags(['--colour', 'red'])).toThrow('--colour');
});
