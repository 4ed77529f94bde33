// The checks are worth something only if wrong stores fail them: each of these has one fault, and the check that must see it is named.
import { expect, test } from '@jest/globals';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { openTestStore } from '../support/databases.ts';
import { all, metricStoreChecks } from './metric-store.ts';

const changed = (store: MetricStore, change: Partial<MetricStore>): MetricStore => ({
  apply: store.apply,
  query: store.query,
  buckets: store.buckets,
  erase: store.erase,
  check: store.check,
  close: store.close,
  ...change,
});

const applying = (change: (messages: readonly MetricsMessage[]) => readonly MetricsMessage[]) => (store: MetricStore) =>
  changed(store, { apply: (messages) => store.apply(change(messages)) });

const broken: readonly [fault: string, seenBy: RegExp, breakIt: (store: MetricStore) => MetricStore][] = [
  ['ignores a deletion', /deleted document/, applying((messages) => messages.filter((message) => !message.deleted))],
  [
    'mixes users',
    /not another’s/,
    (store) => changed(store, { query: ({ user: _user, ...query }) => store.query(query) }),
  ],
  [
    'keeps stale points of a shortened night',
    /newer version replaces/,
    (store) => {
      const said = new Map<string, MetricsMessage>();
      const kept = (message: MetricsMessage): MetricsMessage => {
        const earlier = said.get(message.object_id + message.user_id);
        if (message.deleted || message.version <= (earlier?.version ?? 0)) return message;
        const starts = new Set(message.points.map((point) => point.metric + point.start));
        const points = [...message.points, ...(earlier?.points ?? []).filter((p) => !starts.has(p.metric + p.start))];
        const longer = { ...message, points };
        said.set(message.object_id + message.user_id, longer);
        return longer;
      };
      return changed(store, { apply: (messages) => store.apply(messages.map(kept)) });
    },
  ],
  [
    'applies an older version',
    /equal or lower version/,
    (store) => {
      let version = 0;
      return changed(store, {
        apply: async (messages) => {
          for (const message of messages) {
            version += 1;
            await store.apply([{ ...message, version }]);
          }
        },
      });
    },
  ],
  [
    'loses the last write',
    /last batch is there/,
    applying((messages) => (messages.length > 1 ? messages.slice(0, -1) : messages)),
  ],
  [
    'reorders',
    /ordered by person/,
    (store) =>
      changed(store, {
        async *query(query) {
          yield* (await all(store, query)).toReversed();
        },
      }),
  ],
  [
    'takes a gap for a zero',
    /a gap as nothing/,
    applying((messages) =>
      messages.map((message) => ({
        ...message,
        series: message.series.map((series) => ({ ...series, values: series.values.map((value) => value ?? 0) })),
      })),
    ),
  ],
  [
    'forgets the wearer’s offset',
    /everything that was said/,
    (store) =>
      changed(store, {
        async *query(query) {
          for await (const point of store.query(query)) {
            yield point.start.length === 10
              ? point
              : { ...point, start: new Date(point.start).toISOString(), utcOffsetMinutes: 0 };
          }
        },
      }),
  ],
  [
    'turns a date into UTC midnight',
    /dates, instants/,
    (store) =>
      changed(store, {
        async *query(query) {
          for await (const point of store.query(query)) {
            yield point.start.length === 10 ? { ...point, start: `${point.start}T00:00:00Z` } : point;
          }
        },
      }),
  ],
  [
    'takes a range as closed',
    /nothing else/,
    (store) =>
      changed(store, {
        query: ({ toMs, ...query }) => store.query(toMs === undefined ? query : { ...query, toMs: toMs + 1 }),
      }),
  ],
  ['erases nobody', /erasing one/, (store) => changed(store, { erase: async () => {} })],
  [
    'lets whoever writes last win an identity',
    /known later stands/,
    (store) => {
      let writeMs = 0;
      const later = (message: MetricsMessage): MetricsMessage => {
        writeMs += 1000;
        return { ...message, known_at: new Date(writeMs).toISOString() };
      };
      return changed(store, { apply: (messages) => store.apply(messages.map(later)) });
    },
  ],
  [
    'stops after a page',
    /over every page/,
    (store) =>
      changed(store, {
        async *query(query) {
          let count = 0;
          for await (const point of store.query(query)) {
            count += 1;
            if (count <= 1000) yield point;
          }
        },
      }),
  ],
  [
    'counts buckets from the start of the range',
    /aligned to the epoch/,
    (store) =>
      changed(store, {
        buckets: async (query) =>
          (await store.buckets(query)).map((bucket) => ({ ...bucket, startMs: bucket.startMs + 1 })),
      }),
  ],
];

test.each(broken)('a store that %s is seen by %p', async (_fault, seenBy, breakIt) => {
  const failed: string[] = [];
  for (const check of metricStoreChecks) {
    const database = await openTestStore();
    await check.run(breakIt(createSqlMetricStore(database))).catch(() => failed.push(check.name));
    await database.close();
  }
  expect(failed).toContainEqual(expect.stringMatching(seenBy));
});
