import { expect, test } from '@jest/globals';
import pino from 'pino';
import { decodeDocument } from '../../../schemas/document.ts';
import { resources } from '../../../schemas/oura/resources.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createFakeOura, okJson } from '../../../test/support/fake-oura.ts';
import { heldLease } from '../../../test/support/held-lease.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createRecordingLog } from '../../../test/support/recording-log.ts';
import { listPolls } from '../../storage/polls.ts';
import type { OuraRequest } from '../oura-client/oura-client.ts';
import { createOutboxPublisher } from '../versions/outbox-publisher.ts';
import { createPollRunner, type PollTimes } from './poll-runner.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const everyScope = [...new Set(resources.flatMap(({ scopes }) => scopes))].join(' ');

async function open(times: Partial<PollTimes> = {}) {
  const state = await openTestState();
  const log = createRecordingLog();
  const clock = createManualClock();
  const oura = createFakeOura(() => okJson({ data: [], next_token: null }, clock.now()));
  oura.answer('/v2/usercollection/personal_info', () => okJson({ id: 'o1', age: 30 }, clock.now()));
  const refused: string[] = [];
  const start = () => {
    const runner = createPollRunner({
      state,
      clock,
      client: oura,
      versions: { state, clock, outbox: createOutboxPublisher({ state, log }) },
      logger: pino({ level: 'silent' }),
      lease: heldLease,
      concurrency: 4,
      times: { documentsMs: hour, rowsMs: 15 * minute, trailingDays: 7, historyDays: 200, ...times },
      chance: () => 0.5,
      everyMs: minute,
      count: () => {},
      onRefused: (reason) => refused.push(reason),
    });
    runner.start();
    return runner;
  };
  const grant = (userId: string, scopes = everyScope) =>
    state.transaction((tx) =>
      tx
        .insertInto('grants')
        .values({
          user_id: userId,
          tokens: 'sealed',
          scopes,
          token_url: 'https://example.test',
          grant_state: 'active',
          generation: 1,
          expires_at_ms: 0,
          issued_at_ms: 0,
          refresh_failures: 0,
          refresh_after_ms: 0,
          lock_holder: null,
          lock_until_ms: 0,
        })
        .execute(),
    );
  const runner = start();
  const connect = async (userId: string) => {
    await state.transaction((tx) => runner.beginFor(tx, userId));
    runner.poke();
  };
  const close = async () => {
    await runner.stop();
    await state.close();
  };
  const versions = (resource?: string) =>
    log.records.map(decodeDocument).filter((version) => resource === undefined || version.resource === resource);
  const asked = (route: string) => oura.requests.filter(({ path }) => path === `/v2/usercollection/${route}`);
  const poll = async (resource: string) => (await listPolls(state.read, 'u1')).find((row) => row.resource === resource);
  return { state, log, clock, oura, runner, start, grant, connect, versions, asked, poll, refused, close };
}

test('connecting asks for every resource, what is new before any history', async () => {
  const { clock, oura, grant, connect, asked, versions, close } = await open();
  await grant('u1');
  await connect('u1');
  await clock.advance(minute);
  for (const { route } of resources) expect(asked(route).length).toBeGreaterThan(0);
  const first = oura.requests.slice(0, resources.length).map(({ path }) => path);
  expect(new Set(first).size).toBe(resources.length);
  expect(versions().map(({ resource, objectId }) => [resource, objectId])).toEqual([
    ['personal_info', 'personal_info'],
  ]);
  await close();
});

test('the history is loaded in windows from today backwards, all resources side by side, and ends', async () => {
  const { clock, oura, grant, connect, asked, poll, close } = await open();
  await grant('u1');
  await connect('u1');
  await clock.advance(10 * minute);
  const starts = asked('sleep').map(({ query }) => query?.start_date);
  expect(starts).toEqual(['2026-11-16', '2026-08-25', '2026-05-27', '2026-05-06']);
  expect((await poll('sleep'))?.backfillAtMs).toBeNull();
  expect((await poll('heartrate'))?.backfillAtMs).toBeNull();
  const ends = oura.requests
    .slice(resources.length)
    .map(({ query }) => query?.end_date ?? query?.end_datetime ?? '')
    .map((end) => end.slice(0, 10));
  expect(ends).toEqual([...ends].sort().reverse());
  await close();
});

test('a history that was interrupted goes on where it stopped', async () => {
  const { clock, runner, oura, start, grant, connect, asked, close } = await open({ historyDays: 720 });
  await grant('u1');
  let answers = 0;
  oura.answer('/v2/usercollection/sleep', () => {
    answers += 1;
    return answers === 4
      ? { kind: 'unavailable', detail: 'down' }
      : okJson({ data: [{ id: `s${answers}` }] }, clock.now());
  });
  await connect('u1');
  await clock.advance(10 * second);
  await runner.stop();
  const before = asked('sleep').length;
  const successor = start();
  await clock.advance(5 * minute);
  const starts = asked('sleep').map(({ query }) => query?.start_date);
  expect(starts[before]).toBe(starts[before - 1]);
  expect(new Set(starts).size).toBe(starts.length - 1);
  await successor.stop();
  await close();
});

test('documents are read again every hour, the trailing week once a day, and nothing is recorded twice', async () => {
  const { clock, oura, grant, connect, asked, versions, close } = await open({ historyDays: 1 });
  await grant('u1');
  oura.answer('/v2/usercollection/sleep', () => okJson({ data: [{ id: 'a', score: 1 }] }, clock.now()));
  await connect('u1');
  await clock.advance(minute);
  const atConnect = asked('sleep').length;
  await clock.advance(day);
  const starts = asked('sleep')
    .slice(atConnect)
    .map(({ query }) => query?.start_date);
  expect(starts.length).toBeGreaterThanOrEqual(23);
  expect(starts.filter((start) => start !== undefined && start < '2026-11-20')).toHaveLength(1);
  expect(versions('sleep')).toHaveLength(1);
  await close();
});

const bpmRow = (atMs: number, bpm = 60) => ({ timestamp: new Date(atMs).toISOString(), bpm, source: 'rest' });

/** Answers rows as Oura does: those of the asked window. */
const rowsIn = (rows: () => { timestamp: string }[], now: () => number) => (request: OuraRequest) => {
  const { start_datetime: from = '', end_datetime: to = '' } = request.query ?? {};
  const data = rows().filter(
    (row) => Date.parse(row.timestamp) >= Date.parse(from) && Date.parse(row.timestamp) < Date.parse(to),
  );
  return okJson({ data }, now());
};

test('rows become hours; the running hour is recorded at most every 15 minutes, also when polled by hand', async () => {
  const { clock, runner, oura, grant, connect, versions, close } = await open({ historyDays: 1 });
  await grant('u1');
  const startMs = clock.now();
  const rows = [bpmRow(startMs - 30 * minute)];
  oura.answer(
    '/v2/usercollection/heartrate',
    rowsIn(() => rows, clock.now),
  );
  await connect('u1');
  for (let minutes = 0; minutes < 60; minutes += 5) {
    rows.push(bpmRow(clock.now()));
    await runner.pollNow('u1');
    await clock.advance(5 * minute);
  }
  const running = versions('heartrate').filter(({ objectId }) => objectId === '2026-11-23T08');
  expect(running.length).toBeGreaterThanOrEqual(3);
  expect(running.length).toBeLessThanOrEqual(5);
  const times = running.map(({ time }) => Date.parse(time));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15 * minute);
  await close();
});

test('an hour that comes with fewer rows is believed at the second reading, one that comes empty never', async () => {
  const { clock, runner, oura, grant, connect, versions, close } = await open({ historyDays: 1 });
  await grant('u1');
  const pastMs = clock.now() - 5 * hour;
  let rows = [bpmRow(pastMs), bpmRow(pastMs + minute)];
  oura.answer(
    '/v2/usercollection/heartrate',
    rowsIn(() => rows, clock.now),
  );
  await connect('u1');
  await clock.advance(minute);
  rows = rows.slice(0, 1);
  await runner.pollNow('u1');
  await clock.advance(minute);
  expect(versions('heartrate')).toHaveLength(1);
  await runner.pollNow('u1');
  await clock.advance(minute);
  expect(versions('heartrate')).toHaveLength(2);
  rows = [];
  for (let again = 0; again < 3; again += 1) {
    await runner.pollNow('u1');
    await clock.advance(minute);
  }
  expect(versions('heartrate')).toHaveLength(2);
  await close();
});

test('rows whose last page was not reached make no hour', async () => {
  const { clock, oura, grant, connect, versions, close } = await open({ historyDays: 1 });
  await grant('u1');
  oura.answer('/v2/usercollection/heartrate', ({ query }) =>
    query?.next_token
      ? { kind: 'unavailable', detail: 'down' }
      : okJson({ data: [bpmRow(clock.now() - 5 * hour)], next_token: 't' }, clock.now()),
  );
  await connect('u1');
  await clock.advance(minute);
  expect(versions('heartrate')).toEqual([]);
  await close();
});

test('absence from a list is no deletion', async () => {
  const { clock, oura, grant, connect, versions, close } = await open({ historyDays: 1 });
  await grant('u1');
  oura.answer('/v2/usercollection/workout', () => okJson({ data: [{ id: 'w' }] }, clock.now()));
  await connect('u1');
  await clock.advance(minute);
  oura.answer('/v2/usercollection/workout', () => okJson({ data: [] }, clock.now()));
  await clock.advance(3 * hour);
  expect(versions('workout').map(({ deleted }) => deleted)).toEqual([false]);
  await close();
});

test('what the person did not grant is not asked for, says so, and is asked for after they granted it', async () => {
  const { state, clock, grant, connect, asked, poll, close } = await open({ historyDays: 1 });
  await grant('u1', 'daily');
  await connect('u1');
  await clock.advance(minute);
  expect(asked('workout')).toEqual([]);
  expect(await poll('workout')).toMatchObject({ outcome: 'scope_missing' });
  await state.transaction((tx) => tx.updateTable('grants').set({ scopes: everyScope }).execute());
  await connect('u1');
  await clock.advance(minute);
  expect(asked('workout').length).toBeGreaterThan(0);
  await close();
});

test('a person whose grant is gone is parked alone until they connect again', async () => {
  const { clock, runner, oura, grant, connect, poll, close } = await open({ historyDays: 1 });
  await grant('u1');
  await grant('u2');
  let isGone = true;
  const answer = ({ userId }: OuraRequest) =>
    isGone && userId === 'u1' ? ({ kind: 'needs-consent' } as const) : okJson({ data: [] }, clock.now());
  oura.answer('/v2/usercollection/', answer);
  oura.answer('/v2/usercollection/personal_info', answer);
  await runner.ensureAll();
  await clock.advance(hour);
  const askedOf = (userId: string) => oura.requests.filter((request) => request.userId === userId).length;
  expect(askedOf('u1')).toBe(1);
  expect(askedOf('u2')).toBeGreaterThan(20);
  expect(await poll('sleep')).toMatchObject({ parkedReason: 'needs_consent' });
  isGone = false;
  await connect('u1');
  await clock.advance(minute);
  expect(askedOf('u1')).toBeGreaterThan(resources.length);
  await close();
});

test('a limit pauses the person for as long as Oura says', async () => {
  const { clock, oura, grant, connect, close } = await open({ historyDays: 1 });
  await grant('u1');
  oura.answer('/v2/usercollection/', { kind: 'rate-limited', retryAfterMs: 5 * minute });
  await connect('u1');
  await clock.advance(4 * minute);
  expect(oura.requests).toHaveLength(1);
  await clock.advance(2 * minute);
  expect(oura.requests).toHaveLength(2);
  await close();
});

test('a document without an id is counted and the others of its page go on', async () => {
  const { clock, oura, grant, connect, versions, refused, close } = await open({ historyDays: 1 });
  await grant('u1');
  oura.answer('/v2/usercollection/tag', () => okJson({ data: [{ text: 'x' }, { id: 't' }] }, clock.now()));
  await connect('u1');
  await clock.advance(second);
  expect(versions('tag').map(({ objectId }) => objectId)).toEqual(['t']);
  expect(new Set(refused)).toEqual(new Set(['without_id']));
  await close();
});
