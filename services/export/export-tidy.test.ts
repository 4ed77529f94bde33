import { afterEach, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { openTestStore } from '../../test/support/databases.ts';
import { archiveDocuments } from '../storage/archive.ts';
import { createSqlMetricStore } from '../storage/metric-store/sql-metric-store.ts';
import { exportTidy, type TidyOptions } from './export-tidy.ts';
import { tidyFields } from './tidy.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const night = (told: Partial<MetricsMessage> = {}): MetricsMessage => ({
  user_id: 'wearer',
  resource: 'sleep',
  object_id: 'night',
  document: 'ce',
  version: 2,
  known_at: '2026-11-23T09:00:00Z',
  via: 'poll',
  deleted: false,
  day: '2026-11-23',
  algorithm: 'v2',
  points: [
    {
      metric: 'sleep_stage',
      aggregation: 'interval',
      unit: '1',
      start: '2026-11-22T23:10:00-07:00',
      end: '2026-11-22T23:15:00-07:00',
      value: 2,
      text: 'light',
    },
  ],
  series: [
    {
      metric: 'heart_rate',
      aggregation: 'interval_mean',
      context: 'say "a, b"\r\n',
      unit: '/min',
      start: '2026-11-23T00:00:00-07:00',
      interval_s: 300,
      values: [null, 51.5],
    },
  ],
  ...told,
});

const utcRow: MetricsMessage = {
  ...night({ resource: 'heartrate', object_id: '2026-11-23T06' }),
  points: [{ metric: 'heart_rate', aggregation: 'instant', unit: '/min', start: '2026-11-23T06:05:00Z', value: 55 }],
  series: [],
};

async function exported(messages: MetricsMessage[], options: TidyOptions = {}) {
  const database = await openTestStore();
  closers.push(() => database.close());
  const metricStore = createSqlMetricStore(database);
  await metricStore.apply(messages);
  return textOf(exportTidy({ metricStore, archive: database.read, normalize: () => undefined, openScratch }, options));
}

async function openScratch() {
  const scratch = await openTestStore();
  return { ...createSqlMetricStore(scratch), close: () => scratch.close() };
}

async function textOf(chunks: AsyncIterable<string>) {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

test('a row holds its fields in order, as one line of JSON', async () => {
  const text = await exported([night()]);
  expect(text.split('\n').slice(0, -1)).toEqual([
    '{"user":"wearer","metric":"sleep_stage","aggregation":"interval","resource":"sleep","context":null,' +
      '"start":"2026-11-22T23:10:00-07:00","end":"2026-11-22T23:15:00-07:00","day":"2026-11-23","utc_offset":"-07:00",' +
      '"value":2,"unit":"1","text":"light","document":"sleep/night","version":2,"first_seen":"2026-11-23T09:00:00Z",' +
      '"algorithm":"v2"}',
    '{"user":"wearer","metric":"heart_rate","aggregation":"interval_mean","resource":"sleep","context":"say \\"a, b\\"\\r\\n",' +
      '"start":"2026-11-23T00:05:00-07:00","end":"2026-11-23T00:10:00-07:00","day":"2026-11-23","utc_offset":"-07:00",' +
      '"value":51.5,"unit":"/min","text":null,"document":"sleep/night","version":2,"first_seen":"2026-11-23T09:00:00Z",' +
      '"algorithm":"v2"}',
  ]);
});

test('CSV says the same as JSON', async () => {
  const rows = (await exported([night()]))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const csv = await exported([night()], { format: 'csv' });
  expect(csv.split('\r\n')[0]).toBe(tidyFields.join(','));
  const parsed: Record<string, string>[] = parse(csv, { columns: true, record_delimiter: '\r\n' });
  const asText = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]));
  expect(parsed).toEqual(rows.map(asText));
});

test('an empty export is an empty file, or a head alone', async () => {
  expect(await exported([])).toBe('');
  expect(await exported([], { format: 'csv' })).toBe(`${tidyFields.join(',')}\r\n`);
});

const starts = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).start.slice(0, 16));

test.each([
  [{ from: '2026-11-23' }, ['2026-11-23T06:05', '2026-11-23T00:05']],
  [{ to: '2026-11-22' }, ['2026-11-22T23:10']],
  [{ from: '2026-11-23T06:10:00Z', to: '2026-11-23T07:00:00Z' }, ['2026-11-22T23:10']],
  [{ from: '2026-11-23T00:05:00-07:00' }, ['2026-11-23T00:05']],
  [{ user: 'nobody' }, []],
])('%j takes what the wearer calls it', async (options, expected) => {
  expect(starts(await exported([night(), utcRow], options))).toEqual(expected);
});

test('a range that cannot be read is refused with a sentence', async () => {
  await expect(exported([night()], { from: '23.11.2026' })).rejects.toThrow(
    '--from is "23.11.2026": expected a date (2026-11-23) or a time with its offset',
  );
});

test('what was known at a time comes from the versions of then', async () => {
  const database = await openTestStore();
  closers.push(() => database.close());
  const version = (version_no: number, known_at: string, deleted = 0) => ({
    user_id: 'wearer',
    resource: 'sleep',
    object_id: 'night',
    version_no,
    event_id: `ce-${version_no}`,
    known_at,
    known_at_ms: Date.parse(known_at),
    via: 'poll',
    deleted,
    payload: Buffer.from(String(version_no)),
    log_partition: 0,
    log_offset: version_no,
    appended_at_ms: 0,
  });
  await database.transaction((tx) =>
    archiveDocuments(tx, [
      version(1, '2026-11-23T06:00:00Z'),
      version(2, '2026-11-23T09:00:00Z'),
      version(3, '2026-11-24T09:00:00Z', 1),
    ]),
  );
  const at = async (time: string) => {
    const text = await textOf(
      exportTidy(
        {
          metricStore: createSqlMetricStore(database),
          archive: database.read,
          openScratch,
          normalize: ({ sequence, time: known_at, bytes }) => ({
            ...night({ version: sequence, known_at }),
            series: [],
            points: night().points.map((point) => ({ ...point, value: Number(Buffer.from(bytes).toString()) })),
          }),
        },
        { asOfMs: Date.parse(time) },
      ),
    );
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .map((row) => [row.value, row.version, row.first_seen]);
  };
  expect(await at('2026-11-23T05:59:59Z')).toEqual([]);
  expect(await at('2026-11-23T08:59:59Z')).toEqual([[1, 1, '2026-11-23T06:00:00Z']]);
  expect(await at('2026-11-23T09:00:00Z')).toEqual([[2, 2, '2026-11-23T09:00:00Z']]);
  expect(await at('2026-11-25T00:00:00Z')).toEqual([]);
});
