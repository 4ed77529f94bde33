import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { MetricPoint, MetricsMessage } from '../../../schemas/metrics-message.ts';
import { longestSpanMs, packMessage } from './pack-message.ts';
import { pointsOf, storedPoint } from './unpack-row.ts';

const facts = {
  user_id: 'u',
  resource: 'sleep',
  object_id: 'x',
  version: 1,
  known_at: '2026-11-23T09:00:00Z',
  day: null,
  algorithm: null,
};

const message = (told: Pick<MetricsMessage, 'points' | 'series'>): MetricsMessage => ({
  user_id: 'u',
  resource: 'sleep',
  object_id: 'x',
  document: 'ce',
  version: 1,
  known_at: facts.known_at,
  via: 'poll',
  deleted: false,
  ...told,
});

const unpacked = (told: Pick<MetricsMessage, 'points' | 'series'>) =>
  packMessage(message(told)).flatMap((row) => pointsOf(row).map((point) => storedPoint(row, facts, point)));

const startMs = Date.parse('2026-11-20T00:00:00Z');
const instants = fc.integer({ min: 0, max: 5 * 86_400_000 }).map((ms) => startMs + ms);
const offsets = fc.constantFrom(null, 0, 120, -420, 345);
const points: fc.Arbitrary<MetricPoint> = fc
  .record({
    metric: fc.constantFrom('heart_rate', 'sleep_stage'),
    context: fc.option(fc.constantFrom('rest', 'awake')),
    ms: instants,
    offset: offsets,
    endOffset: fc.option(offsets),
    isDate: fc.boolean(),
    lengthMs: fc.nat({ max: 1e8 }),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    text: fc.option(fc.constantFrom('rem', 'deep')),
  })
  .map(({ metric, context, ms, offset, endOffset, isDate, lengthMs, value, text }) => ({
    metric,
    aggregation: 'instant',
    unit: '1',
    value,
    start: isDate ? formatOffsetTime(ms, null).slice(0, 10) : formatOffsetTime(ms, offset),
    ...(context !== null && { context }),
    ...(endOffset !== undefined && endOffset !== null && { end: formatOffsetTime(ms + lengthMs, endOffset) }),
    ...(text !== null && { text }),
  }));

const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test('points come out of the rows as they went in', () => {
  fc.assert(
    fc.property(fc.array(points, { maxLength: 30 }), (given) => {
      const back = unpacked({ points: given, series: [] }).map(({ metric, context, start, end, value, text }) => [
        metric,
        context,
        start,
        end,
        value,
        text,
      ]);
      const expected = given.map((point) => [
        point.metric,
        point.context ?? null,
        point.start,
        point.end ?? null,
        point.value,
        point.text ?? null,
      ]);
      expect(back.sort(byText)).toEqual(expected.sort(byText));
    }),
  );
});

test('no row spans longer than a reader of a range looks back', () => {
  fc.assert(
    fc.property(fc.array(points, { maxLength: 30 }), fc.constantFrom(30, 60, 300, 90_000), (given, interval_s) => {
      const values = Array.from({ length: 300 }, (_, index) => index);
      const series = {
        metric: 'met',
        aggregation: 'interval_mean',
        unit: '{MET}',
        start: '2026-11-20T04:00:00+01:00',
        interval_s,
        values,
      };
      const rows = packMessage(message({ points: given, series: [series] }));
      for (const row of rows) expect(row.last_ms - row.first_ms).toBeLessThanOrEqual(longestSpanMs);
      expect(rows.flatMap(pointsOf)).toHaveLength(given.length + values.length);
    }),
  );
});
