import { afterEach, expect, test } from '@jest/globals';
import { type Bench, closeBenches, type Listing, NOW, openBench } from '../testing/bench.ts';
import { usualTraps } from '../traps.ts';

afterEach(closeBenches);

async function allPages(bench: Bench, path: string, withParameters = true): Promise<Listing[]> {
  const pages = [await bench.list(path)];
  for (;;) {
    const token = pages.at(-1)?.next_token;
    if (token === undefined || token === null) return pages;
    const base = withParameters ? `${path}&` : `${path.split('?')[0]}?`;
    pages.push(await bench.list(`${base}next_token=${token}`));
  }
}
const idsOf = (pages: Listing[]): unknown[] => pages.flatMap(({ data }) => data.map(({ id }) => id));

test.each([true, false])(
  'pages hold every document once, whether the window is repeated (%s) or not',
  async (isRepeated) => {
    const bench = await openBench({ traps: usualTraps, pageSize: { documents: 7 } });
    const path = 'sleep?start_date=2026-10-01&end_date=2026-11-24';
    const pages = await allPages(bench, path, isRepeated);
    const whole = await openBench({ traps: usualTraps, pageSize: { documents: 1000 } });
    expect(pages.length).toBeGreaterThan(5);
    expect(idsOf(pages).sort()).toEqual(idsOf([await whole.list(path)]).sort());
  },
);

test('a token that is no token, or one of another list, is refused', async () => {
  const bench = await openBench({ pageSize: { documents: 3 } });
  const { next_token } = await bench.list('daily_sleep?start_date=2026-10-01&end_date=2026-11-01');
  expect((await bench.get(`daily_readiness?next_token=${next_token}`)).status).toBe(400);
  expect((await bench.get('daily_readiness?next_token=rubbish')).status).toBe(400);
  expect((await bench.get(`heartrate?next_token=${next_token}`)).status).toBe(400);
});

test('windows compare instants as Oura does', async () => {
  const bench = await openBench({ traps: { windowByInstant: true } });
  const days = async (path: string): Promise<unknown[]> => (await bench.list(path)).data.map(({ day }) => day);
  const dates = 'start_date=2026-11-10&end_date=2026-11-12';
  expect(await days(`daily_sleep?${dates}`)).toEqual(['2026-11-10', '2026-11-11', '2026-11-12']);
  expect(await days(`daily_activity?${dates}`)).toEqual(['2026-11-10', '2026-11-11']);
  expect(await days('daily_activity?start_date=2026-11-10&end_date=2026-11-12T23:59:59')).toContain('2026-11-12');
  const zoned = encodeURIComponent('2026-11-12T04:00:00+01:00');
  expect(await days(`daily_activity?start_date=${zoned}&end_date=${zoned}`)).toEqual(['2026-11-12']);
  expect(await days('sleep?start_date=2026-11-12&end_date=2026-11-12')).toEqual([]);
  expect(await days('sleep?start_date=2026-11-11&end_date=2026-11-12')).toEqual(['2026-11-12']);
});

test('without a window a list gives the last day; a plus sign that was not escaped is 422', async () => {
  const bench = await openBench();
  expect((await bench.list('daily_sleep')).data.map(({ day }) => day)).toEqual(['2026-11-22', '2026-11-23']);
  expect((await bench.get('daily_sleep?start_date=2026-11-10T00:00:00+01:00')).status).toBe(422);
});

test('fields leaves id, day and what was asked for, but not where Oura ignores it', async () => {
  const bench = await openBench({ historyDays: 120 });
  const window = 'start_date=2026-09-01&end_date=2026-11-20';
  const keys = async (path: string): Promise<string[]> => Object.keys((await bench.list(path)).data[0] ?? {}).sort();
  expect(await keys(`sleep?${window}&fields=average_hrv,efficiency`)).toEqual([
    'average_hrv',
    'day',
    'efficiency',
    'id',
  ]);
  for (const ignoring of ['daily_resilience', 'enhanced_tag', 'tag']) {
    expect(await keys(`${ignoring}?${window}&fields=day`)).toEqual(await keys(`${ignoring}?${window}`));
    expect((await keys(`${ignoring}?${window}`)).length).toBeGreaterThan(2);
  }
});

test('a document is found by its id with the scope for it, by nobody else, and not before it exists', async () => {
  const bench = await openBench({ users: [{ timeZone: 'Europe/Berlin' }, {}] });
  const [night] = (await bench.list('sleep?start_date=2026-11-22&end_date=2026-11-24')).data.filter(
    ({ day }) => day === '2026-11-23',
  );
  const single = await bench.get(`sleep/${String(night?.id)}`);
  expect(await single.json()).toEqual(night);
  const other = bench.simulator.grant(bench.simulator.users[1]?.ouraUserId ?? '').access_token;
  expect((await bench.get(`sleep/${String(night?.id)}`, other)).status).toBe(404);
  expect((await bench.get(`daily_sleep/${String(night?.id)}`)).status).toBe(404);
  expect((await bench.get('sleep/%E0%A4%A')).status).toBe(404);
  bench.setNow(NOW + 86_400_000);
  const [next] = (await bench.list('sleep?start_date=2026-11-23&end_date=2026-11-25')).data.filter(
    ({ day }) => day === '2026-11-24',
  );
  const earlier = await openBench();
  expect((await earlier.get(`sleep/${String(next?.id)}`)).status).toBe(404);
});

test('heartrate and battery have no single documents, personal_info no scope, unknown routes no answer', async () => {
  const bench = await openBench();
  const bare = bench.simulator.grant(bench.ouraUserId, []).access_token;
  expect(await (await bench.get('personal_info', bare)).json()).toMatchObject({
    id: bench.ouraUserId,
    email: null,
    age: null,
  });
  for (const path of ['heartrate/1', 'ring_battery_level/1', 'meal', 'interbeat_interval', 'sleep/a/b']) {
    expect((await bench.get(path)).status).toBe(404);
  }
  expect((await fetch(`${bench.simulator.url}/v2/usercollection/sleep`, { method: 'POST' })).status).toBe(405);
});

test('the sandbox answers anybody with an Authorization header, with degenerate values', async () => {
  const bench = await openBench();
  const url = `${bench.simulator.url}/v2/sandbox/usercollection`;
  expect((await fetch(`${url}/sleep`)).status).toBe(401);
  const { data } = await bench.list('sandbox/usercollection/sleep?start_date=2026-11-01&end_date=2026-11-03');
  expect(data.map(({ id }) => id)).toEqual(['sleep-0-2026-11-1', 'sleep-1-2026-11-2', 'sleep-2-2026-11-3']);
  expect(data[0]).toMatchObject({
    bedtime_start: '2026-11-01T00:00:00.000+00:00',
    bedtime_end: '2026-11-01T00:00:00.000+00:00',
    sleep_phase_5_min: null,
  });
  expect(await (await bench.get('sandbox/usercollection/sleep/sleep-1-2026-11-2')).json()).toEqual(data[1]);
  const rows = (await bench.list('sandbox/usercollection/heartrate')).data;
  expect(rows[0]).toHaveProperty('producer_timestamp');
  expect(String(rows[0]?.timestamp)).toMatch(/Z$/);
});
