// What is found in files: in the recorded samples, with values read off by hand, and in every form that people have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import { type ParsedImport, parseImport } from './parse-import.ts';

const samples = join(import.meta.dirname, '../../../test/fixtures/samples');
const sample = (name: string) => readFileSync(join(samples, name));
const parseSample = (name: string) => parseImport(sample(name), { fileName: name });
const parseText = (text: string, fileName = 'export.json', type?: ResourceName) =>
  parseImport(Buffer.from(text), { fileName, ...(type && { type }) });
const named = ({ documents }: ParsedImport) => documents.map(({ resource, objectId }) => `${resource}/${objectId}`);
const textsOf = ({ documents }: ParsedImport) => documents.map(({ bytes }) => Buffer.from(bytes).toString());
const valuesOf = (parsed: ParsedImport) => textsOf(parsed).map((text) => JSON.parse(text));
const places = ({ problems }: ParsedImport) => problems.map(({ place }) => place);

const score = (day: string) => ({ id: `score-${day}`, day, score: 80, contributors: { total_sleep: 90 } });
const night = (day: string) => ({
  id: `night-${day}`,
  day,
  bedtime_start: `${day}T00:10:00+02:00`,
  time_in_bed: 20_000,
});

test('the sleeps of jeff-kohn are found whole, cut byte for byte', async () => {
  const parsed = await parseSample('jeff-kohn_oura_charts/sleep.json');
  expect(named(parsed)).toEqual([
    'sleep/71251f7a-aae5-47a4-aea3-2cf6eea1df64',
    'sleep/a4ce2fa2-802d-42ed-ac72-e8199f75cc2e',
    'sleep/3d19213f-a7cf-445f-9390-4d36acd55c41',
    'sleep/0d0e482f-8d14-4cf4-96e2-1f529d431df7',
  ]);
  expect(parsed.problems).toEqual([]);
  expect(
    valuesOf(parsed).map((sleep) => [sleep.day, sleep.type, sleep.total_sleep_duration, sleep.lowest_heart_rate]),
  ).toEqual([
    ['2024-03-02', 'sleep', 630, 62],
    ['2024-03-03', 'sleep', 1110, 255],
    ['2024-03-03', 'sleep', 870, 255],
    ['2024-03-03', 'long_sleep', 31_950, 52],
  ]);
  const whole = sample('jeff-kohn_oura_charts/sleep.json').toString();
  for (const text of textsOf(parsed)) expect(whole).toContain(text);
});

test('the heart rates of jeff-kohn become one hour, two of them within one second of each other', async () => {
  const parsed = await parseSample('jeff-kohn_oura_charts/heartrate.json');
  expect(named(parsed)).toEqual(['heartrate/2024-06-03T02']);
  expect(
    valuesOf(parsed)[0].map((row: { bpm: number; timestamp: string }) => [row.timestamp.slice(14, 19), row.bpm]),
  ).toEqual([
    ['27:32', 86],
    ['27:33', 80],
    ['37:50', 78],
    ['37:55', 69],
    ['37:57', 71],
  ]);
});

test('a single bare document is found: personal_info', async () => {
  const parsed = await parseSample('jeff-kohn_oura_charts/personal_info.json');
  expect(named(parsed)).toEqual(['personal_info/personal_info']);
  expect(textsOf(parsed)[0]).toBe(sample('jeff-kohn_oura_charts/personal_info.json').toString().trim());
});

test.each<[string, string[]]>([
  ['daily_sleep.realistic.json', ['daily_sleep/daily-realistic-2026-07-03']],
  [
    'daily_sleep.sandbox.json',
    [
      'daily_sleep/daily_sleep-0-2026-7-1',
      'daily_sleep/daily_sleep-1-2026-7-2',
      'daily_sleep/daily_sleep-0-2026-7-3',
      'daily_sleep/daily_sleep-1-2026-7-4',
    ],
  ],
  ['sleep.realistic.json', ['sleep/realistic-night-2026-07-03', 'sleep/realistic-nap-2026-07-03']],
  ['sleep.sandbox.json', ['sleep/sleep-0-2026-7-3', 'sleep/sleep-1-2026-7-4']],
])('the answers of androosk are found: %s', async (name, found) => {
  const parsed = await parseSample(`androosk_oura-sleep-tracker/${name}`);
  expect([named(parsed), parsed.problems]).toEqual([found, []]);
});

test('a line of the trends file of sremm becomes four documents with the values of its columns', async () => {
  const parsed = await parseSample('sremm_oura-analysis/oura_trends_for_test.csv');
  expect(named(parsed)).toEqual(
    ['2023-12-26', '2023-12-27'].flatMap((day) =>
      ['daily_sleep', 'sleep', 'daily_readiness', 'daily_activity'].map((resource) => `${resource}/trends-${day}`),
    ),
  );
  expect(parsed.problems).toEqual([]);
  const made = { id: 'trends-2023-12-26', day: '2023-12-26', imported_from: 'oura_trends_csv' };
  expect(valuesOf(parsed).slice(0, 4)).toEqual([
    {
      ...made,
      score: 77,
      contributors: {
        ...{ total_sleep: 81, rem_sleep: 80, deep_sleep: 56, efficiency: 90, restfulness: 48, latency: 97, timing: 90 },
      },
    },
    {
      ...made,
      ...{ bedtime_start: '2023-12-25T23:03:01.000+02:00', bedtime_end: '2023-12-26T07:37:05.000+02:00' },
      ...{ total_sleep_duration: 27_150, time_in_bed: 30_844, awake_time: 3694, rem_sleep_duration: 5670 },
      ...{ light_sleep_duration: 18_180, deep_sleep_duration: 3300, efficiency: 88, latency: 930, type: 'long_sleep' },
      ...{ average_heart_rate: 42.97, lowest_heart_rate: 39, average_hrv: 115, average_breath: 13.5 },
    },
    {
      ...made,
      ...{ score: 92, temperature_deviation: -0.07, temperature_trend_deviation: -0.01 },
      contributors: {
        ...{ previous_night: 76, sleep_balance: 84, previous_day_activity: 99, activity_balance: 93 },
        ...{ body_temperature: 100, resting_heart_rate: 98, hrv_balance: 100, recovery_index: 100 },
      },
    },
    {
      ...made,
      score: 100,
      contributors: {
        ...{ stay_active: 100, move_every_hour: 100, meet_daily_targets: 100, training_frequency: 100 },
        training_volume: 100,
      },
      ...{ active_calories: 1577, total_calories: 3986, steps: 19_592, equivalent_walking_distance: 25_127 },
      ...{ sedentary_time: 15_000, resting_time: 32_820, low_activity_time: 28_800, medium_activity_time: 8400 },
      ...{ high_activity_time: 1140, non_wear_time: 240, average_met_minutes: 2.0625, inactivity_alerts: 0 },
    },
  ]);
  expect(parsed.notes.map((note) => note.place)).toEqual([
    'column "Restless Sleep"',
    'column "Sleep Timing"',
    ...['the file', 'the file', 'the file'],
  ]);
});

const both = [score('2026-01-01'), score('2026-01-02')];
const bothNamed = ['daily_sleep/score-2026-01-01', 'daily_sleep/score-2026-01-02'];

test.each<[string, string]>([
  ['an answer of the API', JSON.stringify({ data: both, next_token: null })],
  ['an answer of the API, its members the other way round', JSON.stringify({ next_token: null, data: both })],
  ['a list', JSON.stringify(both)],
  ['a list of answers', JSON.stringify(both.map((one) => ({ data: [one] })))],
  ['an object with a list per resource', JSON.stringify({ daily_sleep: both, sleep: [] })],
  ['an object with an answer per resource', JSON.stringify({ daily_sleep: { data: both, next_token: null } })],
  ['the same, wrapped', JSON.stringify({ timestamp: '2026-02-01T00:00:00Z', data: { daily_sleep: both } })],
  ['the same, keys written otherwise', JSON.stringify({ data: { dailySleep: both } })],
  [
    'an object of lists that names heart rates like a field of sleep',
    JSON.stringify({ heart_rate: [], daily_sleep: both }),
  ],
  ['one record a line', both.map((one) => JSON.stringify(one)).join('\n')],
  ['whatever the whitespace, with a byte order mark', `\ufeff ${JSON.stringify({ data: both }, null, 3)}\n\n`],
])('found in %s', async (_name, text) => {
  const parsed = await parseText(text);
  expect([named(parsed), parsed.problems]).toEqual([bothNamed, []]);
});

test('what a record is, is said by its key, --type, its fields or the name of the file', async () => {
  const bare = { id: 'one', day: '2026-01-01', score: 1 };
  expect(named(await parseText(JSON.stringify([bare]), 'my_daily-readiness 2026.json'))).toEqual([
    'daily_readiness/one',
  ]);
  expect(named(await parseText(JSON.stringify([bare]), 'x.json', 'daily_activity'))).toEqual(['daily_activity/one']);
  expect(named(await parseText(JSON.stringify({ daily_stress: [bare] }), 'sleep.json'))).toEqual(['daily_stress/one']);
  expect(named(await parseText(JSON.stringify([night('2026-01-01')]), 'daily_sleep.json'))).toEqual([
    'sleep/night-2026-01-01',
  ]);
  expect((await parseText(JSON.stringify([bare]))).problems).toMatchObject([
    { place: '$[0]', reason: expect.stringContaining('--type') },
  ]);
  expect((await parseText(JSON.stringify([night('2026-01-01')]), 'x.json', 'daily_sleep')).problems).toMatchObject([
    { place: '$[0]', reason: 'expected a record of daily_sleep, but its fields are those of sleep' },
  ]);
});

test('broken and unknown records are named with their place, reason and bytes, and the rest is found', async () => {
  const parsed = await parseText(
    `{"tag":[{"id":"t","day":"2026-01-01","tags":[],"timestamp":"x"}],"daily_sleep":[{"day":"2026-01-02","score":1},{"id":"x","day":"yesterday"},7,{bad}],"sleep":[{"id":"y","bedtime_start":5}],"heartrate":[{"bpm":60,"timestamp":"soon"}],"moon":[{"a":1}],"next_token":"more"}`,
  );
  expect(
    parsed.problems.map(({ place, reason, bytes }) => [place, reason, Buffer.from(bytes ?? []).toString()]),
  ).toEqual([
    ['$.daily_sleep[0]', 'a record of daily_sleep without an id', '{"day":"2026-01-02","score":1}'],
    ['$.daily_sleep[1]', expect.stringContaining('day: expected a day as YYYY-MM-DD'), '{"id":"x","day":"yesterday"}'],
    ['$.daily_sleep[2]', 'expected a record, that is an object', '7'],
    ['$.daily_sleep[3]', expect.stringContaining('not JSON'), '{bad}'],
    ['$.sleep[0]', expect.stringContaining('bedtime_start'), '{"id":"y","bedtime_start":5}'],
    ['$.heartrate[0]', 'a row of heartrate without a readable timestamp', '{"bpm":60,"timestamp":"soon"}'],
  ]);
  expect(parsed.notes.map((note) => note.place)).toEqual(['$.moon', '$.next_token']);
});

test('a record that is not JSON is a problem of its own when its brackets are whole', async () => {
  const parsed = await parseText(
    `[${JSON.stringify(score('2026-01-01'))},{"id":"x","day":nope},${JSON.stringify(score('2026-01-02'))}]`,
  );
  expect([named(parsed), places(parsed)]).toEqual([bothNamed, ['$[1]']]);
});

test('a file that was cut off gives what stands before the cut, and the rest as a problem', async () => {
  const text = JSON.stringify({ data: both });
  const parsed = await parseText(text.slice(0, -20));
  expect(named(parsed)).toEqual(bothNamed.slice(0, 1));
  expect(parsed.problems).toMatchObject([{ reason: expect.stringContaining('what stands before is imported') }]);
  expect(Buffer.from(parsed.problems[0]?.bytes ?? []).toString()).toMatch(/^\{"id":"score-2026-01-02"/);
});

test.each([
  ['nothing', '', 'x.json', 'the file is empty'],
  ['an archive', 'PK\u0003\u0004', 'export.zip', 'unpack'],
  ['another CSV', 'a,b\n1,2\n', 'x.csv', 'trends file'],
  ['a text', 'hello', 'x.txt', 'trends file'],
  ['a text with quotes', 'of this "Software", x', 'LICENSE', 'neither JSON nor the trends file'],
  ['a number', '5', 'x.json', 'expected an object or a list'],
])('%s says what it is not', async (_name, text, fileName, reason) => {
  const { documents, problems } = await parseText(text, fileName);
  expect(documents).toEqual([]);
  expect(problems[0]?.reason).toContain(reason);
});

test('a trends file of older years, with other names, semicolons, empty cells and mistakes', async () => {
  const parsed = await parseText(
    [
      'date;Sleep Score;Total Bedtime;REM Sleep Time;Bedtime Start;Bedtime End;Steps;Daily Movement;Moon Phase',
      '2020-03-04;74;27300;2400;2020-03-03T22:14:42-08:00;2020-03-04T05:49:42-08:00;3450;;1',
      '2020-03-05;None;;;;;5000;;',
      '2020-03-06;80;20000;;;;many;;',
      '05.03.2020;80;;;;;;;',
      '2020-03-04;1;;;;;;;',
      '2020-02-30;1;;;;;;;',
    ].join('\r\n'),
    'trends.csv',
  );
  expect(named(parsed)).toEqual([
    ...['daily_sleep', 'sleep', 'daily_activity'].map((resource) => `${resource}/trends-2020-03-04`),
    'daily_activity/trends-2020-03-05',
    'daily_sleep/trends-2020-03-06',
  ]);
  expect(parsed.problems.map(({ place, reason }) => [place, reason])).toEqual([
    [
      'line 4',
      'Steps: expected a number, got "many"; the night has no Bedtime Start, so nobody knows when it was: left out',
    ],
    ['line 5', 'expected a date as YYYY-MM-DD, got "05.03.2020"'],
    ['line 6', 'the day 2020-03-04 stands in the file twice; the first line counts'],
    ['line 7', 'expected a date as YYYY-MM-DD, got "2020-02-30"'],
  ]);
  expect(parsed.notes[0]).toMatchObject({ place: 'column "Moon Phase"', text: 'a column nobody here knows; left out' });
});

test('a record too large for a message is passed over, wherever the chunks end in it', async () => {
  const { readImport } = await import('./read-import.ts');
  const large = `{"id":"large","day":"2026-01-01","note":"${'\\\\"'.repeat(500_000)}"}`;
  const bytes = Buffer.from(`{"data":[${large},${JSON.stringify(score('2026-01-02'))}]}`);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 65_537) yield bytes.subarray(at, at + 65_537);
  }
  const found: string[] = [];
  for await (const item of readImport(chunks(), { fileName: 'x.json' })) found.push(`${item.kind} ${item.place}`);
  expect(found).toEqual(['problem $.data[0]', 'document $.data[1]']);
});

test('however a file is cut into chunks, the same is found', async () => {
  const { readImport } = await import('./read-import.ts');
  const bytes = Buffer.from(
    `\ufeff{"timestamp":"2026-02-01T00:00:00Z","data":{"daily_sleep":${JSON.stringify([
      { ...score('2026-01-01'), note: 'quote \\" and \u00e9 {[' },
      { day: 'broken' },
    ])},"sleep":[${JSON.stringify(night('2026-01-01'))}, 5],"next":{"a":[1,"}"]}}} {"id":"z"`,
  );
  const find = async (sizes: readonly number[]) => {
    async function* chunks() {
      let at = 0;
      for (let turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        yield bytes.subarray(at, at + size);
        at += size;
      }
    }
    const found: string[] = [];
    for await (const item of readImport(chunks(), { fileName: 'x.json' })) {
      found.push(
        'bytes' in item && item.bytes ? `${item.kind} ${item.place} ${Buffer.from(item.bytes)}` : JSON.stringify(item),
      );
    }
    return found;
  };
  const whole = await find([bytes.length]);
  expect(whole).toHaveLength(6);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
      expect(await find(sizes)).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});
