// What every MetricStore must do, as plain checks that any adapter is run through. A check throws when the store is wrong. Stores are opened empty
// and closed by the caller; persons are new in each check, so an engine that cannot be emptied quickly serves as well.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { MetricPoint, MetricSeries, MetricsMessage } from '../../schemas/metrics-message.ts';
import type { MetricQuery, MetricStore, StoredPoint } from '../../services/storage/metric-store/metric-store.ts';
import { comparePoints } from '../../services/storage/metric-store/point-order.ts';

export interface MetricStoreCheck {
  name: string;
  run(store: MetricStore): Promise<void>;
}

const newUser = () => `wearer-${randomUUID()}`;

type Told = Partial<Omit<MetricsMessage, 'points' | 'series'>> & { points?: MetricPoint[]; series?: MetricSeries[] };

const message = (user: string, told: Told): MetricsMessage => ({
  user_id: user,
  resource: 'sleep',
  object_id: 'night',
  document: 'ce',
  version: 1,
  known_at: '2026-11-23T07:00:00Z',
  via: 'poll',
  deleted: false,
  points: [],
  series: [],
  ...told,
});

const point = (told: Partial<MetricPoint> & Pick<MetricPoint, 'start' | 'value'>): MetricPoint => ({
  metric: 'sleep_duration',
  aggregation: 'session_total',
  unit: 's',
  ...told,
});

const heartRate = (start: string, values: (number | null)[], interval_s = 300): MetricSeries => ({
  metric: 'heart_rate',
  aggregation: 'interval_mean',
  unit: '/min',
  start,
  interval_s,
  values,
});

export async function all(store: MetricStore, query: MetricQuery): Promise<StoredPoint[]> {
  const points: StoredPoint[] = [];
  for await (const point of store.query(query)) points.push(point);
  return points;
}

const brief = (points: readonly StoredPoint[]) => points.map((p) => `${p.start} ${p.metric} ${p.value}`);

const evening = '2026-11-22T23:10:00-07:00';
const morning = '2026-11-23T06:40:00-07:00';

export const metricStoreChecks: readonly MetricStoreCheck[] = [
  {
    name: 'a point comes back with everything that was said of it',
    async run(store) {
      const user = newUser();
      const said = point({
        metric: 'resilience_level',
        aggregation: 'daily',
        context: 'status',
        unit: '1',
        start: evening,
        end: morning,
        value: 4,
        text: 'strong',
      });
      await store.apply([
        message(user, {
          resource: 'daily_resilience',
          object_id: 'a/b c',
          version: 7,
          day: '2026-11-23',
          algorithm: 'v2',
          points: [said],
        }),
      ]);
      assert.deepEqual(await all(store, { user }), [
        {
          user,
          metric: 'resilience_level',
          aggregation: 'daily',
          resource: 'daily_resilience',
          context: 'status',
          start: evening,
          end: morning,
          day: '2026-11-23',
          utcOffsetMinutes: -420,
          value: 4,
          unit: '1',
          text: 'strong',
          document: 'daily_resilience/a/b c',
          version: 7,
          firstSeen: '2026-11-23T07:00:00Z',
          algorithm: 'v2',
        },
      ]);
    },
  },
  {
    name: 'dates, instants without the wearer’s offset, fractions and negative values come back as they were',
    async run(store) {
      const user = newUser();
      const said = [
        point({ metric: 'steps', start: '2026-11-22', end: '2026-11-23', value: 0.1 + 0.2 }),
        point({ metric: 'heart_rate', start: '2026-11-22T12:00:00.250Z', value: -0.31 }),
        point({ metric: 'heart_rate', start: '2026-11-22T12:00:01Z', value: 1e-9 }),
        // A night over the change of the clocks ends at another offset than it began.
        point({
          metric: 'sleep_session',
          start: '2026-10-25T00:10:00+02:00',
          end: '2026-10-25T08:00:00+01:00',
          value: 1,
        }),
        point({ metric: 'sleep_session', start: '2026-10-26T00:10:00.000+01:00', value: 1 }),
      ];
      await store.apply([message(user, { points: said })]);
      assert.deepEqual(
        (await all(store, { user })).map(({ start, end, value, utcOffsetMinutes, context, day, text, algorithm }) => [
          start,
          end,
          value,
          utcOffsetMinutes,
          [context, day, text, algorithm],
        ]),
        [
          ['2026-10-25T00:10:00+02:00', '2026-10-25T08:00:00+01:00', 1, 120, [null, null, null, null]],
          ['2026-10-26T00:10:00+01:00', null, 1, 60, [null, null, null, null]],
          ['2026-11-22', '2026-11-23', 0.1 + 0.2, null, [null, null, null, null]],
          ['2026-11-22T12:00:00.250Z', null, -0.31, null, [null, null, null, null]],
          ['2026-11-22T12:00:01Z', null, 1e-9, null, [null, null, null, null]],
        ],
      );
    },
  },
  {
    name: 'a series comes back as its items, a gap as nothing, a cut end as the end',
    async run(store) {
      const user = newUser();
      const movement: MetricSeries = {
        ...heartRate('2026-11-22T23:10:00+01:00', [2, null, 0, 1], 30),
        metric: 'movement_class',
        unit: '1',
        end: '2026-11-22T23:11:45+01:00',
      };
      await store.apply([
        message(user, { series: [movement, heartRate('2026-11-22T23:50:00.000+01:00', [null, 51.5])] }),
      ]);
      assert.deepEqual(
        (await all(store, { user })).map((p) => [p.metric, p.start, p.end, p.value, p.text]),
        [
          ['movement_class', '2026-11-22T23:10:00+01:00', '2026-11-22T23:10:30+01:00', 2, 'restless'],
          ['movement_class', '2026-11-22T23:11:00+01:00', '2026-11-22T23:11:30+01:00', 0, null],
          ['movement_class', '2026-11-22T23:11:30+01:00', '2026-11-22T23:11:45+01:00', 1, 'no_motion'],
          ['heart_rate', '2026-11-22T23:55:00+01:00', '2026-11-23T00:00:00+01:00', 51.5, null],
        ],
      );
    },
  },
  {
    name: 'a newer version replaces all that the earlier one said',
    async run(store) {
      const user = newUser();
      const longer = heartRate(evening, [50, 51, 52, 53]);
      const stages = [1, 2].map((hour) =>
        point({ metric: 'sleep_stage', start: `2026-11-23T0${hour}:00:00-07:00`, value: hour }),
      );
      await store.apply([
        message(user, { points: [...stages, point({ start: evening, value: 25200 })], series: [longer] }),
      ]);
      await store.apply([
        message(user, {
          version: 2,
          known_at: '2026-11-23T09:00:00Z',
          points: [point({ start: evening, value: 21000 })],
          series: [heartRate(evening, [50, null, 55])],
        }),
      ]);
      const points = await all(store, { user });
      assert.deepEqual(brief(points), [
        `${evening} heart_rate 50`,
        `${evening} sleep_duration 21000`,
        '2026-11-22T23:20:00-07:00 heart_rate 55',
      ]);
      assert.deepEqual(new Set(points.map((p) => `${p.version} ${p.firstSeen}`)), new Set(['2 2026-11-23T09:00:00Z']));
    },
  },
  {
    name: 'an equal or lower version changes nothing, alone or in a batch',
    async run(store) {
      const user = newUser();
      const said = (version: number, value: number) =>
        message(user, { version, points: [point({ start: evening, value })] });
      await store.apply([said(3, 300)]);
      await store.apply([said(2, 200), said(3, 301)]);
      await store.apply([said(1, 100)]);
      assert.deepEqual(brief(await all(store, { user })), [`${evening} sleep_duration 300`]);
      await store.apply([said(5, 500), said(4, 400)]);
      assert.deepEqual(brief(await all(store, { user })), [`${evening} sleep_duration 500`]);
    },
  },
  {
    name: 'a deleted document says nothing, and an older version does not bring it back',
    async run(store) {
      const user = newUser();
      const said = message(user, { points: [point({ start: evening, value: 1 })], series: [heartRate(evening, [50])] });
      const other = message(user, { object_id: 'other night', points: [point({ start: morning, value: 2 })] });
      await store.apply([said, other]);
      await store.apply([message(user, { version: 2, deleted: true })]);
      await store.apply([said]);
      assert.deepEqual(brief(await all(store, { user })), [`${morning} sleep_duration 2`]);
      await store.apply([{ ...said, version: 3 }]);
      assert.equal((await all(store, { user })).length, 3);
    },
  },
  {
    name: 'applying the same messages again changes nothing',
    async run(store) {
      const user = newUser();
      const said = [
        message(user, { points: [point({ start: evening, value: 1 })], series: [heartRate(evening, [50, 51])] }),
        message(user, { object_id: 'other', points: [point({ start: morning, value: 2 })] }),
      ];
      await store.apply(said);
      const before = await all(store, { user });
      await store.apply(said);
      await store.apply([...said, ...said]);
      assert.deepEqual(await all(store, { user }), before);
      assert.equal(before.length, 4);
    },
  },
  {
    name: 'everything of the last batch is there when apply has resolved',
    async run(store) {
      const user = newUser();
      const days = Array.from({ length: 30 }, (_, index) => `2026-09-${String(index + 1).padStart(2, '0')}`);
      await store.apply(
        days.map((day) =>
          message(user, { object_id: day, day, points: [point({ metric: 'steps', start: day, value: 1 })] }),
        ),
      );
      assert.deepEqual(
        (await all(store, { user })).map((p) => p.start),
        days,
      );
    },
  },
  {
    name: 'one person’s points are not another’s, and erasing one leaves the other',
    async run(store) {
      const [one, two] = [newUser(), newUser()];
      await store.apply([
        message(one, { points: [point({ start: evening, value: 1 })] }),
        message(two, { points: [point({ start: evening, value: 2 })], series: [heartRate(evening, [60])] }),
      ]);
      assert.deepEqual(brief(await all(store, { user: one })), [`${evening} sleep_duration 1`]);
      await store.erase(two);
      assert.deepEqual(await all(store, { user: two }), []);
      assert.deepEqual(
        await store.buckets({ user: two, metric: 'heart_rate', fromMs: 0, toMs: 4e12, resolutionMs: 1e12 }),
        [],
      );
      assert.deepEqual(brief(await all(store, { user: one })), [`${evening} sleep_duration 1`]);
      await store.apply([message(two, { points: [point({ start: evening, value: 3 })] })]);
      assert.deepEqual(brief(await all(store, { user: two })), [`${evening} sleep_duration 3`]);
    },
  },
  {
    name: 'points come ordered by person, place in time, metric, aggregation, resource and context',
    async run(store) {
      const users = [newUser(), newUser()].sort();
      const messages = users.flatMap((user) => [
        message(user, {
          object_id: 'late',
          series: [heartRate('2026-11-23T00:00:00Z', [1, 2, 3])],
          points: [
            point({ start: '2026-11-23T00:05:00Z', value: 4 }),
            point({ metric: 'heart_rate', context: 'b', start: '2026-11-23T00:05:00Z', value: 5 }),
            point({ metric: 'heart_rate', context: 'a', start: '2026-11-23T00:05:00Z', value: 6 }),
          ],
        }),
        message(user, { object_id: 'early', series: [heartRate('2026-11-22T23:52:30Z', [7, 8, 9, 10])] }),
        message(user, {
          resource: 'daily_activity',
          points: [
            point({ metric: 'steps', start: '2026-11-22', value: 11 }),
            point({ metric: 'steps', start: '2026-11-23', value: 12 }),
          ],
        }),
      ]);
      await store.apply(messages.toReversed());
      const mine = (points: readonly StoredPoint[]) => points.filter((p) => users.includes(p.user));
      const points = mine(await all(store, {}));
      assert.equal(points.length, 24);
      assert.deepEqual(points, points.toSorted(comparePoints));
      assert.deepEqual(
        points.slice(0, 12).map((p) => p.value),
        [11, 7, 8, 1, 9, 2, 6, 5, 4, 10, 3, 12],
      );
    },
  },
  {
    name: 'of two documents that say one identity the one known later stands, and the other returns when it goes',
    async run(store) {
      const user = newUser();
      const said = (object_id: string, known_at: string, value: number, version = 1, deleted = false) =>
        message(user, {
          object_id,
          known_at,
          version,
          deleted,
          points: deleted ? [] : [point({ start: evening, value })],
          series: deleted ? [] : [heartRate(evening, [value, value])],
        });
      const value = async () => [...new Set((await all(store, { user })).map((p) => p.value))];
      await store.apply([said('b', '2026-11-23T08:00:00Z', 2)]);
      await store.apply([said('a', '2026-11-23T07:00:00Z', 1)]);
      assert.deepEqual(await value(), [2]);
      await store.apply([said('c', '2026-11-23T08:00:00+00:00', 3)]);
      assert.deepEqual(await value(), [3], 'known at one time: the greater name stands');
      await store.apply([said('c', '2026-11-23T10:00:00Z', 0, 2, true)]);
      assert.deepEqual(await value(), [2]);
      await store.apply([said('b', '2026-11-23T11:00:00Z', 0, 2, true)]);
      assert.deepEqual(await value(), [1]);
      await store.apply([said('a', '2026-11-23T11:00:00Z', 0, 2, true)]);
      assert.deepEqual(await value(), []);
    },
  },
  {
    name: 'a query takes its person, metrics, resources, range and days, and nothing else',
    async run(store) {
      const user = newUser();
      await store.apply([
        message(user, { day: '2026-11-23', series: [heartRate('2026-11-23T00:00:00Z', [1, 2, 3, 4])] }),
        message(user, {
          resource: 'session',
          day: '2026-11-24',
          points: [
            point({ metric: 'mood', start: '2026-11-24T00:00:00Z', value: 5 }),
            point({ metric: 'heart_rate', start: '2026-11-24T00:00:00Z', value: 6 }),
          ],
        }),
        message(user, {
          resource: 'heartrate',
          points: [point({ metric: 'heart_rate', start: '2026-11-25T00:00:00Z', value: 7 })],
        }),
      ]);
      const values = async (query: MetricQuery) => (await all(store, { user, ...query })).map((p) => p.value);
      const at = (text: string) => Date.parse(text);
      assert.deepEqual(await values({}), [1, 2, 3, 4, 6, 5, 7]);
      assert.deepEqual(await values({ metrics: ['mood'] }), [5]);
      assert.deepEqual(await values({ metrics: ['mood', 'heart_rate', 'mood'] }), [1, 2, 3, 4, 6, 5, 7]);
      assert.deepEqual(await values({ metrics: [] }), []);
      assert.deepEqual(await values({ resources: ['session', 'heartrate'] }), [6, 5, 7]);
      assert.deepEqual(await values({ fromMs: at('2026-11-23T00:05:00Z'), toMs: at('2026-11-23T00:15:00Z') }), [2, 3]);
      assert.deepEqual(await values({ fromMs: at('2026-11-23T00:15:00Z'), toMs: at('2026-11-24T00:00:00Z') }), [4]);
      assert.deepEqual(await values({ fromDay: '2026-11-24' }), [6, 5]);
      assert.deepEqual(await values({ toDay: '2026-11-23' }), [1, 2, 3, 4]);
      assert.deepEqual(
        await values({ fromDay: '2026-11-23', toDay: '2026-11-24', metrics: ['heart_rate'] }),
        [1, 2, 3, 4, 6],
      );
    },
  },
  {
    name: 'buckets hold the mean, extremes and count of their points, aligned to the epoch',
    async run(store) {
      const user = newUser();
      await store.apply([
        message(user, { series: [heartRate('2026-11-23T00:50:00Z', [10, 20, null, 90])] }),
        message(user, {
          resource: 'session',
          points: [point({ metric: 'heart_rate', start: '2026-11-23T00:59:00Z', value: 60 })],
        }),
        message(user, {
          resource: 'workout',
          points: [point({ metric: 'workout_energy', start: '2026-11-23T00:59:00Z', value: 999 })],
        }),
      ]);
      const hourMs = 3_600_000;
      const query = {
        user,
        metric: 'heart_rate',
        fromMs: 0,
        toMs: Date.parse('2026-11-24T00:00:00Z'),
        resolutionMs: hourMs,
      };
      const startMs = Date.parse('2026-11-23T00:00:00Z');
      assert.deepEqual(await store.buckets(query), [
        { startMs, count: 3, mean: 30, min: 10, max: 60 },
        { startMs: startMs + hourMs, count: 1, mean: 90, min: 90, max: 90 },
      ]);
      assert.deepEqual(
        (await store.buckets({ ...query, resource: 'sleep', toMs: startMs + hourMs })).map((b) => [b.count, b.mean]),
        [[2, 15]],
      );
    },
  },
  {
    name: 'many documents and long series are streamed whole, over every page',
    async run(store) {
      const user = newUser();
      const hours = Array.from({ length: 1300 }, (_, index) => new Date(Date.UTC(2026, 0, 1, index)).toISOString());
      const messages = hours.map((start, index) =>
        message(user, {
          resource: 'heartrate',
          object_id: start,
          points: [0, 1].map((second) =>
            point({
              metric: 'heart_rate',
              start: start.replace(':00.000', `:0${second}.000`),
              value: index * 2 + second,
            }),
          ),
        }),
      );
      const days = message(user, {
        resource: 'daily_activity',
        series: [
          {
            ...heartRate(
              '2026-01-01T00:00:30Z',
              Array.from({ length: 3000 }, (_, i) => i),
              60,
            ),
            metric: 'met',
          },
        ],
      });
      await store.apply([...messages, days]);
      const beats = await all(store, { user, metrics: ['heart_rate'] });
      assert.deepEqual(
        beats.map((p) => p.value),
        Array.from({ length: 2600 }, (_, index) => index),
      );
      const both = await all(store, { user, fromMs: Date.parse(hours[40] ?? ''), toMs: Date.parse(hours[42] ?? '') });
      assert.deepEqual(
        both.filter((p) => p.metric === 'met').map((p) => p.value),
        Array.from({ length: 120 }, (_, i) => 2400 + i),
      );
      assert.deepEqual(both, both.toSorted(comparePoints));
      assert.equal((await all(store, { user })).length, 5600);
    },
  },
];
