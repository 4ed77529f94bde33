// Every trap: seen when it is on, not to be seen when it is off. The first half looks at the ring, the second asks the cloud. A trap
// without a row here fails the last test.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { dayOfIso } from './local-time.ts';
import type { OuraDocument, Resource } from './ring/document-history.ts';
import type { DocumentSource } from './source.ts';
import { type Bench, CLIENT, closeBenches, NOW, openBench, openReceiver } from './testing/bench.ts';
import { AFTER_ALL, documentsOf, ringWith } from './testing/life.ts';
import { type TrapName, type Traps, trapCatalogue, trapNames } from './traps.ts';

// Months of a ring on a busy machine.
jest.setTimeout(60_000);

const [FROM, TO] = ['2026-01-20', '2026-04-05'];
const of = (ring: DocumentSource, resource: Resource): OuraDocument[] => documentsOf(ring, resource, FROM, TO);
const some = (documents: OuraDocument[], holds: (document: OuraDocument) => boolean): boolean => documents.some(holds);
const changesOf = (ring: DocumentSource) =>
  ring.changes(Date.parse(`${FROM}T00:00:00Z`), Date.parse(`${TO}T00:00:00Z`));
const seriesOf = (document: OuraDocument, field: string): { items: (number | null)[] } | null =>
  document[field] as { items: (number | null)[] } | null;
const perDay = (documents: OuraDocument[]): number[] =>
  [...Map.groupBy(documents, ({ day }) => String(day)).values()].map((group) => group.length);
const rowsOf = (ring: DocumentSource, series: 'heartrate' | 'ring_battery_level', from: string, to: string) => [
  ...ring.rows(series, Date.parse(from), Date.parse(to), AFTER_ALL),
];
/** Versions of a day's documents, from the first change to the last. */
const bodiesOf = (ring: DocumentSource, resource: Resource): OuraDocument[] =>
  changesOf(ring)
    .filter((change) => change.resource === resource)
    .flatMap(({ id, atMs }) => ring.find(resource, id, atMs) ?? []);

type RingTrap = [TrapName, (ring: DocumentSource) => boolean, extra?: Parameters<typeof ringWith>[1]];
const ringTraps: RingTrap[] = [
  ['inProgressNights', (ring) => some(bodiesOf(ring, 'sleep'), ({ bedtime_end }) => bedtime_end === null)],
  [
    'bedtimeEdits',
    (ring) => some(of(ring, 'sleep'), ({ sleep_analysis_reason }) => sleep_analysis_reason === 'bedtime_edit'),
  ],
  [
    'rescoring',
    (ring) => changesOf(ring).some(({ resource, operation }) => resource === 'daily_sleep' && operation === 'update'),
  ],
  [
    'backgroundAnalysis',
    (ring) =>
      some(of(ring, 'sleep'), (sleep) => sleep.sleep_analysis_reason === 'background_created_foreground_updated'),
    { hardware: 'or5' },
  ],
  [
    'deletions',
    (ring) => changesOf(ring).some(({ resource, operation }) => resource === 'sleep' && operation === 'delete'),
  ],
  ['rejectedSleep', (ring) => some(of(ring, 'sleep'), ({ type }) => type === 'rest' || type === 'deleted')],
  ['lateSyncs', (ring) => longestSilenceHours(ring) > 40],
  ['naps', (ring) => Math.max(...perDay(of(ring, 'sleep'))) >= 3],
  [
    'lateNaps',
    (ring) =>
      some(
        of(ring, 'sleep'),
        ({ type, day, bedtime_end }) => type === 'late_nap' && String(bedtime_end).slice(0, 10) < String(day),
      ),
  ],
  ['splitNights', (ring) => Math.max(...perDay(of(ring, 'sleep').filter(({ type }) => type === 'long_sleep'))) === 2],
  [
    'flights',
    (ring) => new Set(of(ring, 'sleep').map(({ bedtime_start }) => String(bedtime_start).slice(-6))).size > 2,
  ],
  [
    'dstDays',
    (ring) => of(ring, 'daily_activity').some((activity) => seriesOf(activity, 'met')?.items.length === 1380),
  ],
  ['daysNotWorn', (ring) => new Set(of(ring, 'sleep').map(({ day }) => day)).size <= dayOfIso(TO) - dayOfIso(FROM)],
  ['missingActivity', (ring) => of(ring, 'daily_activity').length <= dayOfIso(TO) - dayOfIso(FROM)],
  [
    'noneAsNumber',
    (ring) => some(of(ring, 'sleep'), (sleep) => sleep.lowest_heart_rate === 255 && sleep.average_heart_rate === 0),
  ],
  ['nullSeries', (ring) => someNullSeries(of(ring, 'sleep'))],
  [
    'poorNaps',
    (ring) => some(of(ring, 'sleep'), ({ efficiency, latency }) => Number(efficiency) <= 24 && latency === 0),
  ],
  [
    'contributorsOutOfRange',
    (ring) =>
      some(
        of(ring, 'daily_readiness'),
        ({ contributors }) => (contributors as { body_temperature?: number }).body_temperature === 0,
      ),
  ],
  ['nullScores', (ring) => some(of(ring, 'daily_sleep'), ({ score }) => score === null)],
  ['nullSleepType', (ring) => some(of(ring, 'sleep'), ({ type }) => type === null)],
  [
    'negativeMetersToTarget',
    (ring) => some(of(ring, 'daily_activity'), (activity) => Number(activity.meters_to_target) < 0),
  ],
  [
    'emptyResources',
    (ring) =>
      (['vO2_max', 'daily_resilience', 'daily_cardiovascular_age'] as const).some(
        (resource) => of(ring, resource).length === 0,
      ),
  ],
  ['nullSpo2', (ring) => some(of(ring, 'daily_spo2'), (spo2) => spo2.spo2_percentage === null)],
  ['heartRateBursts', (ring) => hasBursts(ring)],
  ['sameSecondHeartRates', (ring) => hasSameSecond(ring)],
  ['severalRings', (ring) => ring.undated('ring_configuration', AFTER_ALL).length > 1],
  [
    'lowBattery',
    (ring) => rowsOf(ring, 'ring_battery_level', '2026-02-01', '2026-04-15').some(({ level }) => Number(level) < 15),
  ],
  ['restMode', (ring) => of(ring, 'rest_mode_period').length > 0],
];

function longestSilenceHours(ring: DocumentSource): number {
  const times = changesOf(ring)
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  return Math.max(...times.map((atMs, index) => atMs - (times[index - 1] ?? atMs))) / 3_600_000;
}

const someNullSeries = (sleeps: OuraDocument[]): boolean =>
  some(sleeps, ({ heart_rate }) => heart_rate === null) &&
  some(sleeps, (sleep) => seriesOf(sleep, 'heart_rate')?.items.every((item) => item === null) ?? false);

const hasBursts = (ring: DocumentSource): boolean => {
  const awake = rowsOf(ring, 'heartrate', '2026-02-01', '2026-02-05').filter(({ source }) => source === 'awake');
  return awake.some((row, index) => row.timestamp_unix - (awake[index - 1]?.timestamp_unix ?? 0) <= 5000);
};

// With the bursts that hold them: without, there is nothing to double.
const hasSameSecond = (ring: DocumentSource): boolean => {
  const rows = rowsOf(ring, 'heartrate', '2026-02-01', '2026-02-15');
  return rows.some((row, index) => {
    const before = rows[index - 1];
    return before !== undefined && before.timestamp === row.timestamp && before.timestamp_unix !== row.timestamp_unix;
  });
};

/** Traps that need others to be seen at all. */
const company: Partial<Record<TrapName, Partial<Traps>>> = { sameSecondHeartRates: { heartRateBursts: true } };

describe('in the ring', () => {
  test.each(ringTraps)('%s is seen when it is on and only then', (name, isSeen, spec = {}) => {
    expect(isSeen(ringWith({ ...company[name], [name]: true }, spec))).toBe(true);
    expect(isSeen(ringWith({ ...company[name], [name]: false }, spec))).toBe(false);
  });
});

const form = (bench: Bench, path: string, fields: Record<string, string>): Promise<Response> =>
  fetch(bench.simulator.url + path, {
    method: 'POST',
    body: new URLSearchParams({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, ...fields }),
  });
const refresh = (bench: Bench, path = '/oauth/v2/ext/oauth-token'): Promise<Response> =>
  form(bench, path, { grant_type: 'refresh_token', refresh_token: bench.tokens.refresh_token });

/** Lets `days` pass and gives the bodies that arrived, in order. */
async function notified(
  bench: Bench,
  days: number,
  dataTypes = ['sleep', 'daily_sleep', 'daily_activity'],
): Promise<string[]> {
  const receiver = await openReceiver();
  await bench.subscribe(receiver, dataTypes);
  for (let day = 1; day <= days; day += 1) {
    await bench.simulator.advance(new Date(NOW + day * 86_400_000));
    await bench.simulator.settle();
  }
  return receiver.received.map(({ body }) => body);
}
const eventTimes = (bodies: string[]): string[] =>
  bodies.map((body) => String((JSON.parse(body) as { event_time: string }).event_time));

type CloudTrap = [TrapName, (bench: Bench) => Promise<boolean>];
const cloudTraps: CloudTrap[] = [
  ['newPortalApp', async (bench) => (await refresh(bench, '/oauth/token')).status === 400],
  ['prefixedScopes', async (bench) => bench.tokens.scope.split(' ').includes('extapi:daily')],
  [
    'bareScopesDropped',
    async (bench) => !(await consentedScopes(bench, 'daily stress heart_health')).includes('stress'),
  ],
  [
    'rotatingRefreshTokens',
    async (bench) => {
      await refresh(bench);
      return (await refresh(bench)).status === 400;
    },
  ],
  [
    'missingScopeIs401',
    async (bench) =>
      (await bench.get('workout', bench.simulator.grant(bench.ouraUserId, ['daily']).access_token)).status === 401,
  ],
  [
    'expiryWithoutTimeZone',
    async (bench) => /T\d\d:\d\d:\d\d\.\d{9}$/.test((await aSubscription(bench)).expiration_time),
  ],
  [
    'unknownSubscriptionIs403',
    async (bench) => (await bench.subscriptions('GET', '/6f8b3e0a-0000-4000-8000-000000000000')).status === 403,
  ],
  [
    'upperCaseSignature',
    async (bench) => {
      await notified(bench, 1);
      return bench.simulator.deliveries.every(({ headers }) =>
        /^[0-9A-F]{64}$/.test(headers['x-oura-signature'] ?? ''),
      );
    },
  ],
  [
    'goneCancelsSubscription',
    async (bench) => {
      const receiver = await openReceiver();
      receiver.answers = [410];
      await bench.subscribe(receiver, ['sleep']);
      bench.simulator.notify({ ouraUserId: bench.ouraUserId, dataType: 'sleep', eventType: 'update', objectId: 'x' });
      await bench.simulator.settle();
      return ((await (await bench.subscriptions('GET')).json()) as unknown[]).length === 2;
    },
  ],
  ['duplicateNotifications', async (bench) => hasRepeats(await notified(bench, 7))],
  ['outOfOrderNotifications', async (bench) => !isSorted(eventTimes(await notified(bench, 7)))],
  [
    'notFoundAfterNotification',
    async (bench) => {
      const bodies = await notified(bench, 6, ['sleep', 'daily_sleep', 'daily_activity']);
      const answers = bodies.map(async (body) => {
        const { data_type, object_id } = JSON.parse(body) as { data_type: string; object_id: string };
        const first = await bench.get(`${data_type}/${object_id}`);
        return first.status === 404 && (await bench.get(`${data_type}/${object_id}`)).status === 200;
      });
      return (await Promise.all(answers)).includes(true);
    },
  ],
  [
    'notifyOutsideScopes',
    async (bench) => {
      await fetch(`${bench.simulator.url}/oauth/revoke?access_token=${bench.tokens.access_token}`);
      bench.simulator.grant(bench.ouraUserId, ['email']);
      return (await notified(bench, 2)).length > 0;
    },
  ],
  ['silentWebhooks', async (bench) => hasSilence(eventTimes(await notified(bench, 46, ['daily_sleep'])))],
  [
    'windowByInstant',
    async (bench) => {
      const activity = await bench.list('daily_activity?start_date=2026-11-10&end_date=2026-11-12');
      const sleep = await bench.list('sleep?start_date=2026-11-12&end_date=2026-11-12');
      return activity.data.every(({ day }) => day !== '2026-11-12') && sleep.data.length === 0;
    },
  ],
  [
    'unorderedLists',
    async (bench) => {
      const { data } = await bench.list('daily_activity?start_date=2026-10-20&end_date=2026-11-20');
      return !isSorted(data.map(({ day }) => String(day)));
    },
  ],
  ['absentNextToken', async (bench) => !('next_token' in (await bench.list('heartrate')))],
  [
    'repeatedNextToken',
    async (bench) => {
      const path = 'daily_sleep?start_date=2026-10-01&end_date=2026-11-20';
      const first = await bench.list(path);
      const last = await bench.list(`${path}&next_token=${first.next_token}`);
      return last.next_token === first.next_token;
    },
  ],
  ['exactCaseVo2Max', async (bench) => (await bench.get('vo2_max')).status === 404],
];

async function consentedScopes(bench: Bench, scope: string): Promise<string[]> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT.clientId,
    redirect_uri: 'http://app/back',
    scope,
  });
  const answer = await fetch(`${bench.simulator.url}/oauth/authorize?${query}`, { redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const tokens = await form(bench, '/oauth/v2/ext/oauth-token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: 'http://app/back',
  });
  return ((await tokens.json()) as { scope: string }).scope.split(' ');
}

async function aSubscription(bench: Bench): Promise<{ expiration_time: string }> {
  await bench.subscribe(await openReceiver(), ['sleep']);
  const [first] = (await (await bench.subscriptions('GET')).json()) as { expiration_time: string }[];
  return first ?? { expiration_time: '' };
}

const hasRepeats = (bodies: string[]): boolean => new Set(bodies).size < bodies.length;
const isSorted = (texts: string[]): boolean =>
  texts.every((text, index) => index === 0 || (texts[index - 1] ?? '') <= text);
const hasSilence = (times: string[]): boolean => {
  const instants = times.map((text) => Date.parse(text)).sort((a, b) => a - b);
  return instants.some((at, index) => index > 0 && at - (instants[index - 1] ?? at) > 40 * 3_600_000);
};

afterEach(closeBenches);

describe('in the cloud', () => {
  test.each(cloudTraps)('%s is met when it is on and only then', async (name, isMet) => {
    const open = (isOn: boolean): Promise<Bench> => openBench({ traps: { [name]: isOn }, autoConsent: true });
    expect(await isMet(await open(true))).toBe(true);
    expect(await isMet(await open(false))).toBe(false);
  });
});

test('every trap of the catalogue is tried here', () => {
  const tried = [...ringTraps, ...cloudTraps].map(([name]) => name);
  expect(tried.sort()).toEqual([...trapNames].sort());
});

test('the README names every trap and says of each what the catalogue says', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const missing = trapNames.filter(
    (name) => !readme.includes(`| \`${name}\``) || !readme.includes(`| ${trapCatalogue[name].does} |`),
  );
  expect(missing).toEqual([]);
});
