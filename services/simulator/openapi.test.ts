// Every answer on every route against Oura's own specification. Where the real API differs from it, the difference is listed here,
// with its source; nothing else may differ.

import { readFileSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { closeBenches, openBench, openReceiver } from './testing/bench.ts';
import { type Traps, usualTraps } from './traps.ts';

jest.setTimeout(60_000);

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
interface Schema {
  $ref?: string;
  anyOf?: Schema[];
}

const fixture = new URL('../../test/fixtures/oura-openapi/openapi-1.37.json', import.meta.url);
const specification = JSON.parse(readFileSync(fixture, 'utf8')) as { paths: Record<string, Record<string, Operation>> };

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/);
ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/);
ajv.addFormat('uuid4', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
ajv.addSchema(specification, 'oura');

/** What the real API does otherwise than its specification says (research notes, §4.5 and §2.1). */
const knownDifferences: { path: RegExp; keyword: string; why: string }[] = [
  { path: /\/bedtime_end$/, keyword: 'type', why: 'null in an in-progress night, though required' },
  { path: /\/expiration_time$/, keyword: 'format', why: 'UTC without a time zone' },
];

const isKnown = (error: ErrorObject): boolean =>
  knownDifferences.some(({ path, keyword }) => path.test(error.instancePath) && keyword === error.keyword);

/** The strict alternative: every list also "matches" MultiDocumentResponseDict, which allows anything. */
const strictRef = (schema: Schema): string => {
  const ref = schema.$ref ?? schema.anyOf?.[0]?.$ref;
  if (ref === undefined) throw new Error(`no schema to validate against in ${JSON.stringify(schema).slice(0, 200)}`);
  return ref;
};

function problems(path: string, method: string, status: number, answer: unknown): string[] {
  const operation = specification.paths[path]?.[method];
  const response = operation?.responses[String(status)];
  if (response === undefined) return [`${method} ${path} answered ${status}, which its specification does not know`];
  const schema = Object.values(response.content ?? {})[0]?.schema;
  if (schema === undefined) return answer === null ? [] : [`${method} ${path} ${status} must have no body`];
  const pointer = schema.$ref || schema.anyOf ? strictRef(schema) : pointerOf(path, method, status);
  const validate = ajv.compile({ $ref: `oura${pointer}` });
  if (validate(answer)) return [];
  return (validate.errors ?? [])
    .filter((error) => !isKnown(error))
    .map((error) => `${method} ${path} ${error.instancePath} ${error.message}`);
}

const pointerOf = (path: string, method: string, status: number): string =>
  `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}/responses/${status}/content/application~1json/schema`;

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
};

const listRoutes = Object.keys(specification.paths).filter(
  (path) => path.includes('usercollection') && !path.includes('{') && !path.endsWith('personal_info'),
);

afterEach(closeBenches);

const allOn: Traps = { ...usualTraps, emptyResources: false };

test('the specification has the 72 routes that are walked here', () => {
  expect(Object.keys(specification.paths)).toHaveLength(72);
  expect(listRoutes).toHaveLength(36);
});

test('every list, every document and every row of three months, all traps on, is what the specification promises', async () => {
  const bench = await openBench({
    traps: allOn,
    historyDays: 95,
    users: [{ timeZone: 'Europe/Berlin', hardware: 'or5' }],
  });
  const found: string[] = [];
  const counts: Record<string, number> = {};
  for (const path of listRoutes) {
    const isSeries = /heartrate|ring_battery_level/.test(path);
    const window = isSeries
      ? 'start_datetime=2026-11-16T00:00:00Z&end_datetime=2026-11-23T00:00:00Z'
      : 'start_date=2026-08-20&end_date=2026-11-24';
    let token: string | null = null;
    do {
      const next: string = token === null ? '' : `&next_token=${token}`;
      const response = await fetch(`${bench.simulator.url}${path}?${window}${next}`, {
        headers: { authorization: `Bearer ${bench.tokens.access_token}` },
      });
      const answer = (await bodyOf(response)) as { data: { id?: string }[]; next_token?: string | null };
      found.push(...problems(path, 'get', response.status, answer));
      counts[path] = (counts[path] ?? 0) + answer.data.length;
      const id = answer.data[0]?.id;
      if (id !== undefined) {
        const single = await fetch(`${bench.simulator.url}${path}/${id}`, {
          headers: { authorization: `Bearer ${bench.tokens.access_token}` },
        });
        found.push(...problems(`${path}/{document_id}`, 'get', single.status, await bodyOf(single)));
      }
      token = answer.next_token ?? null;
    } while (token !== null);
  }
  expect(found).toEqual([]);
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([]);
});

test('provisional versions are valid too, but for the listed differences', async () => {
  const bench = await openBench({ traps: allOn, historyDays: 30 });
  const found: string[] = [];
  let provisional = 0;
  for (let hour = 0; hour < 30; hour += 1) {
    // The night to 4 December is published while it lasts.
    await bench.simulator.advance(new Date(Date.parse('2026-12-03T08:00:00Z') + hour * 3_600_000));
    for (const resource of ['sleep', 'daily_activity', 'daily_readiness']) {
      const list = await bench.list(`${resource}?start_date=2026-12-02&end_date=2026-12-05`);
      found.push(...problems(`/v2/usercollection/${resource}`, 'get', 200, { ...list }));
      provisional += list.data.filter(({ bedtime_end }) => bedtime_end === null).length;
    }
  }
  expect(found).toEqual([]);
  expect(provisional).toBeGreaterThan(0);
});

test('personal_info, its refusals and 422 are as specified', async () => {
  const bench = await openBench();
  const info = await bench.get('personal_info');
  expect(problems('/v2/usercollection/personal_info', 'get', info.status, await bodyOf(info))).toEqual([]);
  for (const [path, query, status] of [
    ['/v2/usercollection/sleep', '?start_date=yesterday', 422],
    ['/v2/usercollection/sleep', '?start_date=2026-11-02&end_date=2026-11-01', 400],
    ['/v2/usercollection/heartrate', '?start_datetime=2026-01-01T00:00:00Z&end_datetime=2026-03-01T00:00:00Z', 400],
  ] as const) {
    const response = await bench.get(path.replace('/v2/usercollection/', '') + query);
    expect(response.status).toBe(status);
    expect(problems(path, 'get', status, await bodyOf(response))).toEqual([]);
  }
  const stranger = await bench.get('sleep', 'not-a-token');
  expect(problems('/v2/usercollection/sleep', 'get', stranger.status, await bodyOf(stranger))).toEqual([]);
});

test('the subscription routes are as specified, with and without the missing time zone', async () => {
  for (const expiryWithoutTimeZone of [true, false]) {
    const bench = await openBench({ traps: { expiryWithoutTimeZone, unknownSubscriptionIs403: true } });
    const receiver = await openReceiver();
    const body = { callback_url: receiver.url, verification_token: 'v', event_type: 'create', data_type: 'sleep' };
    const check = async (path: string, method: string, response: Response): Promise<unknown> => {
      const answer = await bodyOf(response);
      expect(problems(path, method.toLowerCase(), response.status, answer)).toEqual([]);
      return answer;
    };
    const base = '/v2/webhook/subscription';
    const created = (await check(base, 'POST', await bench.subscriptions('POST', '', body))) as { id: string };
    await check(base, 'POST', await bench.subscriptions('POST', '', body));
    await check(base, 'POST', await bench.subscriptions('POST', '', { event_type: 'never' }));
    await check(base, 'GET', await bench.subscriptions('GET'));
    await check(`${base}/{id}`, 'GET', await bench.subscriptions('GET', `/${created.id}`));
    await check(`${base}/{id}`, 'PUT', await bench.subscriptions('PUT', `/${created.id}`, { verification_token: 'w' }));
    await check(`${base}/renew/{id}`, 'PUT', await bench.subscriptions('PUT', `/renew/${created.id}`));
    await check(`${base}/{id}`, 'DELETE', await bench.subscriptions('DELETE', `/${created.id}`));
    await check(`${base}/{id}`, 'GET', await bench.subscriptions('GET', `/${created.id}`));
  }
});

test('the validation itself can fail: a wrong type, a missing field and an unlisted null are found', () => {
  const path = '/v2/usercollection/daily_spo2/{document_id}';
  expect(problems(path, 'get', 200, { id: 'x', day: '2026-01-01' })).toEqual([]);
  expect(problems(path, 'get', 200, { id: 'x' })).toHaveLength(1);
  expect(problems(path, 'get', 200, { id: 'x', day: null })).toHaveLength(1);
  expect(
    problems(path, 'get', 200, { id: 'x', day: '2026-01-01', breathing_disturbance_index: 1.5 }).length,
  ).toBeGreaterThan(0);
  expect(problems(path, 'get', 418, null)).toHaveLength(1);
});
