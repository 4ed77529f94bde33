import { afterEach, expect, test } from '@jest/globals';
import { closeBenches, type Listing, NOW, openBench } from '../testing/bench.ts';
import { usualTraps } from '../traps.ts';

afterEach(closeBenches);

const window = (start: string, end: string): string => `start_datetime=${start}&end_datetime=${end}`;
const unixOf = ({ data }: Listing): number[] => data.map(({ timestamp_unix }) => Number(timestamp_unix));

test('rows come oldest first, in pages that miss and repeat nothing', async () => {
  const bench = await openBench({ traps: usualTraps, pageSize: { rows: 100 } });
  const path = `heartrate?${window('2026-11-01T00:00:00Z', '2026-11-04T00:00:00Z')}`;
  const whole = await openBench({ traps: usualTraps, pageSize: { rows: 100_000 } });
  const pages: Listing[] = [await bench.list(path)];
  while (pages.at(-1)?.next_token) pages.push(await bench.list(`heartrate?next_token=${pages.at(-1)?.next_token}`));
  const times = pages.flatMap(unixOf);
  expect(pages.length).toBeGreaterThan(5);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(pages.flatMap(({ data }) => data)).toEqual((await whole.list(path)).data);
});

test('a window holds its start, not its end', async () => {
  const bench = await openBench();
  const all = unixOf(await bench.list(`heartrate?${window('2026-11-01T00:00:00Z', '2026-11-01T12:00:00Z')}`));
  const [start, end] = [all[10] ?? 0, all[20] ?? 0].map((ms) => new Date(ms).toISOString());
  const part = unixOf(await bench.list(`heartrate?${window(start ?? '', end ?? '')}`));
  expect(part).toEqual(all.slice(10, 20));
});

test.each([
  ['30 days', '2026-10-20T00:00:00Z', '2026-11-19T00:00:00Z', 200],
  ['31 days', '2026-10-19T00:00:00Z', '2026-11-19T00:00:00Z', 400],
  ['an end before its start', '2026-11-02T00:00:00Z', '2026-11-01T00:00:00Z', 400],
  ['no date at all', 'x', '2026-11-01T00:00:00Z', 422],
])('%s', async (_, start, end, status) => {
  expect((await (await openBench()).get(`heartrate?${window(start, end)}`)).status).toBe(status);
});

test('without a window it is the last day; latest is the last row alone', async () => {
  const bench = await openBench();
  const all = await bench.list('ring_battery_level');
  const times = unixOf(all);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(NOW - 86_400_000);
  expect((await bench.list('ring_battery_level?latest=true')).data).toEqual(all.data.slice(-1));
});

test('fields leaves the timestamps and what was asked for', async () => {
  const bench = await openBench();
  const { data } = await bench.list('heartrate?fields=bpm');
  expect(Object.keys(data[0] ?? {}).sort()).toEqual(['bpm', 'timestamp', 'timestamp_unix']);
});

test('a battery drains, charges to 100 and has every state of charging', async () => {
  const bench = await openBench();
  const { data } = await bench.list(`ring_battery_level?${window('2026-11-01T00:00:00Z', '2026-11-20T00:00:00Z')}`);
  const levels = data.map(({ level }) => Number(level));
  expect([Math.min(...levels) >= 0, Math.max(...levels)]).toEqual([true, 100]);
  expect(data.some(({ charging }) => charging === true)).toBe(true);
  const worn = data.filter(({ in_charger }) => in_charger === false).map(({ level }) => Number(level));
  const rises = worn.filter((level, index) => level > (worn[index - 1] ?? 100));
  expect(rises.length).toBeLessThan(8);
});
