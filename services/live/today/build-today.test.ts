import { expect, test } from '@jest/globals';
import { buildToday } from './build-today.ts';
import { dayPoints, exampleDay, exampleNowMs, exampleRing, nightPoints, pointOf, rowPoints } from './example-ring.ts';
import { today as todaySchema } from './model.ts';
import { wearerClock } from './wearer-clock.ts';

const hourMs = 3_600_000;

function pageOf(points = exampleRing(), nowMs = exampleNowMs) {
  return buildToday({
    user: 'anna',
    name: 'Anna',
    clock: wearerClock(points, nowMs),
    nowMs,
    daily: points,
    contributors: points,
    curves: points,
    rows: rowPoints(),
    alerts: [],
    connection: { state: 'none', missing: [] },
  });
}

const without = (day: string, keep: (resource: string) => boolean = () => false) =>
  exampleRing().filter((point) => point.day !== day || keep(point.resource));

test('the page is what its schema says', () => {
  expect(todaySchema.strict().safeParse(pageOf()).error).toBeUndefined();
});

test('every number names its point', () => {
  const { scores, night, vitals } = pageOf();
  const readings = [
    scores.readiness.reading,
    ...night.measures.map((item) => item.reading),
    ...vitals.map((item) => item.reading),
  ];
  for (const reading of readings) {
    expect(reading).toMatchObject({
      document: expect.stringContaining('/'),
      known_at: expect.any(String),
      unit: expect.any(String),
    });
  }
});

test('a day without a score has none, and says which day has the newest', () => {
  const { scores } = pageOf(without(exampleDay));
  expect(scores.readiness).toMatchObject({ reading: null, contributors: [], place: null, newest_day: '2026-11-22' });
});

test('a day without a night has no main sleep, no numbers and no curves', () => {
  const { night, vitals } = pageOf(without(exampleDay, (resource) => resource !== 'sleep'));
  expect(night).toMatchObject({ day: exampleDay, main: null, charts: [], previous_day: '2026-11-22' });
  expect(night.measures.every(({ reading, place }) => reading === null && place === null)).toBe(true);
  expect(vitals.find(({ key }) => key === 'lowest_heart_rate')?.reading).toBeNull();
});

test('today is the civil date of the wearer although the newest data is older', () => {
  expect(pageOf(exampleRing(), exampleNowMs + 48 * hourMs).clock.day).toBe('2026-11-25');
});

test('a missing day is null in the trends and in the history, and the means go on without it', () => {
  const { trends, vitals } = pageOf(exampleRing({ missing: ['2026-11-13'] }));
  const index = trends.days.indexOf('2026-11-13');
  expect(trends.lines.map(({ points }) => points[index]?.value)).toEqual([null, null, null]);
  expect(vitals[0]?.history.find(({ day }) => day === '2026-11-13')?.value).toBeNull();
  expect(trends.lines[0]?.mean_7[index + 1]).toEqual(expect.any(Number));
});

test('a mean of seven days needs four of them', () => {
  const days = ['2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'];
  const { trends } = pageOf(exampleRing({ missing: days }));
  expect(trends.lines[0]?.mean_7[trends.days.indexOf('2026-11-20')]).toBeNull();
});

test('a provisional night is shown and not judged', () => {
  const fever = { firstSeen: '2026-11-23T06:50:00Z', durationS: 4 * 3600 };
  const points = [
    ...without(exampleDay, (resource) => resource !== 'sleep'),
    ...nightPoints({ day: exampleDay, ...fever }, { curves: true }),
  ];
  const provisional = pageOf(points).night;
  expect(provisional.main?.provisional?.reason).toBe('settling');
  expect(provisional.measures.map(({ place }) => place)).toEqual(provisional.measures.map(() => null));
  const settled = pageOf(points, exampleNowMs + hourMs).night;
  expect(settled.measures.find(({ key }) => key === 'duration')?.place).toBe('below');
});

test('no card judges a provisional night, whichever document its number is from', () => {
  const restless = { firstSeen: '2026-11-23T06:50:00Z', day: exampleDay };
  const points = [
    ...without(exampleDay),
    ...nightPoints(restless, { curves: true }),
    ...dayPoints(exampleDay, { skin_temperature_deviation: 1.2 }),
  ];
  expect(pageOf(points).vitals.map(({ place }) => place)).toEqual([null, null, null, null, null, null]);
});

test('out of the usual range is told with its side', () => {
  const points = [
    ...without(exampleDay, (resource) => resource === 'sleep'),
    ...dayPoints(exampleDay, { skin_temperature_deviation: 1.2 }),
  ];
  expect(pageOf(points).vitals.find(({ key }) => key === 'temperature')).toMatchObject({
    place: 'above',
    reading: { value: 1.2 },
  });
});

test('the night itself is not part of the range that judges it', () => {
  const { vitals } = pageOf();
  expect(vitals.every(({ history }) => history.length === 28 && history.every(({ day }) => day < exampleDay))).toBe(
    true,
  );
});

test('the contributors of a score come lowest first', () => {
  const values = pageOf().scores.readiness.contributors.map(({ reading }) => reading.value);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(values).toHaveLength(9);
});

test('a split night has a curve for each part, in order of time', () => {
  const second = {
    day: exampleDay,
    document: 'sleep/second',
    durationS: 3.5 * 3600,
    start: '2026-11-23T07:10:00+01:00',
  };
  const { night } = pageOf([...exampleRing(), ...nightPoints(second, { curves: true })]);
  expect(night.charts.map(({ document }) => document)).toEqual([`sleep/${exampleDay}`, 'sleep/second']);
  expect(night.others).toMatchObject([{ document: 'sleep/second', kind: 'night' }]);
});

test('a resource that is later than its rhythm says so, one without any point too', () => {
  const { freshness } = pageOf(exampleRing(), exampleNowMs + 40 * hourMs);
  const stateOf = (resource: string) => freshness.find((item) => item.resource === resource)?.state;
  expect([stateOf('sleep'), stateOf('ring_battery_level'), stateOf('daily_resilience'), stateOf('vo2_max')]).toEqual([
    'late',
    'late',
    'current',
    'none',
  ]);
});

test('what holds for a date was measured on that date, not on the next, where the date ends', () => {
  const { freshness } = pageOf();
  const readiness = freshness.find(({ resource }) => resource === 'daily_readiness');
  expect(readiness?.measured_at).toBe(exampleDay);
});

test('the ring was seen when it last measured', () => {
  expect(pageOf().ring).toMatchObject({
    seen_at: '2026-11-23T06:40:12.000Z',
    battery: { value: 62 },
    heart_rate: { value: 66 },
    stale: false,
  });
  expect(pageOf(exampleRing(), exampleNowMs + 25 * hourMs).ring.stale).toBe(true);
});

test('somebody without any data has a page that says so', () => {
  const page = buildToday({
    user: 'new',
    name: 'New',
    clock: wearerClock([], exampleNowMs),
    nowMs: exampleNowMs,
    daily: [],
    contributors: [],
    curves: [],
    rows: [],
    alerts: [],
    connection: { state: 'none', missing: [] },
  });
  expect(page).toMatchObject({ has_data: false, night: { main: null, previous_day: null } });
  expect(todaySchema.safeParse(page).error).toBeUndefined();
});

test('of several documents of one day the one known last stands', () => {
  const late = pointOf({
    resource: 'daily_readiness',
    metric: 'score_readiness',
    start: exampleDay,
    day: exampleDay,
    value: 55,
    firstSeen: '2026-11-23T06:59:00Z',
  });
  expect(pageOf([late, ...exampleRing()]).scores.readiness.reading?.value).toBe(55);
});
