import { expect, test } from '@jest/globals';
import type { DocumentMessage } from '../../schemas/document.ts';
import { mapping } from '../../schemas/metrics/mapping.ts';
import { metricsMessage } from '../../schemas/metrics-message.ts';
import { dailyFixtures } from '../../test/fixtures/metrics/daily.ts';
import { dailyActivityFixtures } from '../../test/fixtures/metrics/daily-activity.ts';
import { fetchedAt, type MetricFixture } from '../../test/fixtures/metrics/fixture.ts';
import { otherFixtures } from '../../test/fixtures/metrics/others.ts';
import { sleepFixtures } from '../../test/fixtures/metrics/sleep.ts';
import { normalizeDocument } from './normalize-document.ts';
import { valueAt } from './reading-context.ts';

const fixtures = [...sleepFixtures, ...dailyFixtures, ...dailyActivityFixtures, ...otherFixtures];

const version = (fixture: Pick<MetricFixture, 'resource' | 'document' | 'fetchedAt'>): DocumentMessage => ({
  id: 'ce-1',
  userId: 'wearer',
  resource: fixture.resource,
  objectId: 'object-1',
  sequence: 3,
  time: fixture.fetchedAt ?? fetchedAt,
  via: 'webhook',
  deleted: false,
  bytes: Buffer.from(JSON.stringify(fixture.document)),
});

test.each(fixtures.map((fixture) => [fixture.resource, fixture.trait, fixture] as const))(
  'a document of %s: %s',
  (resource, _trait, fixture) => {
    const { unknownWords = [], series = [], ...expected } = fixture.expected;
    const result = normalizeDocument(version(fixture));
    expect(result).toEqual({
      ok: true,
      message: {
        user_id: 'wearer',
        resource,
        object_id: 'object-1',
        document: 'ce-1',
        version: 3,
        known_at: fixture.fetchedAt ?? fetchedAt,
        via: 'webhook',
        deleted: false,
        ...expected,
        series,
      },
      unknownWords,
    });
    expect(metricsMessage.parse(result.ok && result.message)).toBeDefined();
  },
);

const isSaid = (
  resource: string,
  { metric, aggregation, context }: { metric: string; aggregation: string; context?: unknown },
) =>
  fixtures.some(
    (fixture) =>
      fixture.resource === resource &&
      [...fixture.expected.points, ...(fixture.expected.series ?? [])].some(
        (said) =>
          said.metric === metric &&
          said.aggregation === aggregation &&
          (context === undefined) === (said.context === undefined),
      ),
  );

const rows = Object.values(mapping).flatMap(({ resource, rows: mapped }) => mapped.map((row) => ({ resource, row })));

test.each(rows.map(({ resource, row }) => [row.table, row.metric, { resource, row }] as const))(
  '%s -> %s has a document and points written by hand',
  (_table, _metric, { resource, row }) => {
    if (row.notEmitted === undefined) {
      expect(isSaid(resource, row)).toBe(true);
      return;
    }
    const path = row.fields[0]?.split('.') ?? [];
    const shown = fixtures.filter(
      ({ document, resource: of }) => of === resource && valueAt(document as Record<string, unknown>, path) != null,
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(isSaid(resource, row)).toBe(false);
  },
);

test('nothing the wearer wrote gets into a message', () => {
  const written = /Kim|Trouble|badly|coffee|Müller|example\.org/;
  const messages = fixtures.map((fixture) => JSON.stringify(normalizeDocument(version(fixture))));
  expect(fixtures.filter((fixture) => written.test(JSON.stringify(fixture.document))).length).toBeGreaterThan(5);
  expect(messages.filter((message) => written.test(message))).toEqual([]);
});

test('a deletion says nothing any more', () => {
  const deletion = { ...version({ resource: 'sleep', document: {} }), deleted: true };
  expect(normalizeDocument(deletion)).toMatchObject({ ok: true, message: { deleted: true, points: [], series: [] } });
});

test.each([
  ['not JSON', 'daily_sleep', '{"day":', 'not_json'],
  ['not UTF-8', 'daily_sleep', Buffer.from([0x22, 0xff, 0x22]), 'not_json'],
  ['a list where a document is expected', 'daily_sleep', '[]', 'unexpected_shape'],
  ['no day', 'daily_sleep', '{"score":80}', 'unexpected_shape'],
  ['a word for a number', 'daily_sleep', '{"day":"2026-11-22","score":"high"}', 'unexpected_shape'],
  ['a document where rows are expected', 'heartrate', '{"bpm":60}', 'unexpected_shape'],
  ['a night whose start has no offset', 'sleep', '{"bedtime_start":"2026-11-22T23:00:00"}', 'unplaceable_time'],
  ['a row without a time', 'heartrate', '[{"timestamp":"soon","bpm":60}]', 'unplaceable_time'],
  [
    'a word among the items of a sample',
    'sleep',
    '{"bedtime_start":"2026-11-22T23:00:00Z","hrv":{"interval":300,"timestamp":"2026-11-22T23:00:00Z","items":["41"]}}',
    'unexpected_shape',
  ],
] as const)('malformed: %s', (_what, resource, bytes, reason) => {
  const result = normalizeDocument({ ...version({ resource, document: null }), bytes: Buffer.from(bytes) });
  expect(result).toMatchObject({ ok: false, reason });
});

test('normalising twice gives the same message', () => {
  for (const fixture of fixtures)
    expect(normalizeDocument(version(fixture))).toEqual(normalizeDocument(version(fixture)));
});
