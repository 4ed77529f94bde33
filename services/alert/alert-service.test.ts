// The whole service on the real adapters in memory: metrics in, messages out, with a clock that only tests move. Kills are played by a process that dies
// between two steps: the next one starts on what was durable.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { Registry } from 'prom-client';
import { alertsTopic, decodeAlert } from '../../schemas/alert-transition.ts';
import { encodeMetrics, type MetricsMessage, metricsTopic } from '../../schemas/metrics-message.ts';
import { topicNames } from '../../schemas/topics.ts';
import { battery, readiness, sleep } from '../../test/support/alert-messages.ts';
import { openTestState } from '../../test/support/databases.ts';
import { openSlackEndpoint, openWebhookEndpoint } from '../../test/support/slack-endpoint.ts';
import { openSmtpServer } from '../../test/support/smtp-server.ts';
import type { Clock } from '../runtime/clock.ts';
import { jsonErrors } from '../runtime/http/json-error.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { listDeliveries } from '../storage/alert-deliveries.ts';
import { listAlerts, listOpenAlerts } from '../storage/alerts.ts';
import { ensurePerson } from '../storage/people.ts';
import type { StateDatabase } from '../storage/tables.ts';
import { createAlert } from './alert-service.ts';
import { alertSettings } from './settings.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const logger = createLogger({ level: 'silent', name: 'test' });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const kept = <T extends { close(): Promise<void> }>(opened: T): T => {
  closers.push(() => opened.close());
  return opened;
};

/** Waits in real time for what happens outside of the moved clock: sockets. */
async function until<T>(probe: () => T | Promise<T>, what: string): Promise<T> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    const found = await probe();
    if (found) return found;
    await new Promise(setImmediate);
    if (turn > 200) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`never: ${what}`);
}

interface LeapingClock extends Clock {
  /** Moves time and wakes whoever waited, in steps (one step by default), so that a day takes no time; ends when all wait again. */
  advance(durationMs: number, stepMs?: number): Promise<void>;
  /** Moves time while nobody waits. */
  sleep(durationMs: number): void;
  waiting(): number;
}

/** The tick and the sender of a service wait, each for its next turn. */
const loops = 2;
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

function createLeapingClock(startMs: number): LeapingClock {
  let nowMs = startMs;
  const waits = new Set<{ dueMs: number; resolve: () => void }>();
  return {
    now: () => nowMs,
    wait: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wait = { dueMs: nowMs + durationMs, resolve };
        waits.add(wait);
        signal?.addEventListener('abort', () => waits.delete(wait) && resolve(), { once: true });
      }),
    async advance(durationMs, stepMs = durationMs) {
      const untilMs = nowMs + durationMs;
      while (nowMs < untilMs) {
        nowMs = Math.min(untilMs, nowMs + stepMs);
        for (const wait of [...waits].filter(({ dueMs }) => dueMs <= nowMs)) {
          waits.delete(wait);
          wait.resolve();
        }
        await settle();
        await until(() => waits.size >= loops, 'tick and sender wait again');
      }
    },
    sleep(durationMs) {
      nowMs += durationMs;
    },
    waiting: () => waits.size,
  };
}

interface World {
  log: MessageLog;
  state: StateDatabase;
  clock: LeapingClock;
  takes(...messages: MetricsMessage[]): Promise<void>;
  /** Everything read, everything due decided and sent. */
  settled(): Promise<void>;
  published(): Promise<string[]>;
  deliveries(): Promise<string[]>;
  /** Noted tries of all deliveries. */
  tries(): Promise<number>;
}

async function openWorld(at: string): Promise<World> {
  const clock = createLeapingClock(Date.parse(at));
  const state = kept(await openTestState());
  const log = kept(await openSqliteLog({ path: ':memory:', topics: topicNames }));
  const isRead = async () => {
    const [range] = await log.ranges(metricsTopic);
    const row = await state.read.selectFrom('consumer_offsets').select('next_offset').executeTakeFirst();
    return (row?.next_offset ?? 0) === (range?.next ?? 0);
  };
  return {
    log,
    state,
    clock,
    async takes(...messages) {
      await log.append(messages.map((message) => encodeMetrics(message, message.document)));
      await until(isRead, 'the consumer reads what was appended');
    },
    async settled() {
      await settle();
      await until(() => clock.waiting() === loops, 'tick and sender have nothing to do');
    },
    async published() {
      const records = await log.read({ topic: alertsTopic, partition: 0, offset: 0 }, 100);
      return records
        .map((record) => decodeAlert(record))
        .map(({ rule, subject, state: to, number }) => `${rule} ${subject} ${to} ${number}`);
    },
    async tries() {
      const rows = await state.read.selectFrom('alert_deliveries').select('attempts').execute();
      return rows.reduce((sum, { attempts }) => sum + attempts, 0);
    },
    async deliveries() {
      const alerts = await listAlerts(state.read, { limit: 100 });
      const all = await listDeliveries(
        state.read,
        alerts.map(({ id }) => id),
      );
      return all.map(({ transitionId, channel, status }) => `${transitionId.split(':').at(-1)} ${channel} ${status}`);
    },
  };
}

async function start(world: World, environment: Record<string, string> = {}, lease = { held: () => true }) {
  const settings = readSettings(alertSettings, { TZ: 'Europe/Berlin', ...environment });
  const registry = new Registry();
  const service = createAlert({ ...world, settings, logger, registry, lease });
  await service.start();
  closers.push(() => service.stop());
  return { ...service, registry };
}

const low = readiness('2026-11-23', 55, { known_at: '2026-11-23T09:00:00Z' });
const back = readiness('2026-11-23', 75, { version: 2, known_at: '2026-11-23T09:30:00Z' });

describe('from a value to a message', () => {
  test('an alert is published, then sent to every channel once, and its end too', async () => {
    const slack = kept(await openSlackEndpoint());
    const smtp = kept(await openSmtpServer());
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world, {
      SLACK_WEBHOOK_URL: slack.url,
      SMTP_URL: smtp.url,
      ALERT_EMAIL_FROM: 'ring@x.test',
      ALERT_EMAIL_TO: 'anna@x.test,carer@x.test',
    });
    await world.takes(low, low);
    await until(() => slack.taken().length === 1 && smtp.mails.length === 2, 'the message arrives');
    expect(await world.published()).toEqual(['readiness_low 2026-11-23 firing 1']);
    await world.clock.advance(30 * minuteMs);
    await world.takes(back);
    await until(() => slack.taken().length === 2 && smtp.mails.length === 4, 'its end arrives');
    await world.clock.advance(2 * hourMs);
    expect(slack.requests).toHaveLength(2);
    expect(await world.published()).toEqual([
      'readiness_low 2026-11-23 firing 1',
      'readiness_low 2026-11-23 resolved 2',
    ]);
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(4);
    expect(smtp.mails[2]?.inReplyTo).toBe(smtp.mails[0]?.messageId);
    expect(await world.deliveries()).toEqual([
      '1 email delivered',
      '1 email delivered',
      '1 slack delivered',
      '2 email delivered',
      '2 email delivered',
      '2 slack delivered',
    ]);
  });

  test('the value of nobody’s rule changes nothing', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world);
    await world.takes(readiness('2026-11-23', 90, { known_at: '2026-11-23T09:00:00Z' }));
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
  });

  test('a message that is none becomes a dead letter and the next is judged', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world);
    const broken = encodeMetrics(low, 'broken');
    await world.log.append([{ ...broken, value: new TextEncoder().encode('{"user_id":1}') }]);
    await world.takes(low);
    expect(await listOpenAlerts(world.state.read)).toHaveLength(1);
    expect(await world.log.read({ topic: `${metricsTopic}.dlq`, partition: 0, offset: 0 }, 10)).toHaveLength(1);
  });

  test('several people are told apart by name', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    const anna = await world.state.transaction((tx) => ensurePerson(tx, 'Anna', 1));
    await world.state.transaction((tx) => ensurePerson(tx, 'Ben', 1));
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes({ ...low, user_id: anna.userId });
    await until(() => slack.taken().length === 1, 'the message arrives');
    expect(slack.requests[0]?.body).toContain('Anna: Readiness is low');
  });
});

describe('a channel that is in trouble', () => {
  test('is left alone for as long as it says, and no other channel waits for it', async () => {
    const slack = kept(await openSlackEndpoint());
    const hook = kept(await openWebhookEndpoint());
    slack.plan({ status: 429, headers: { 'retry-after': '600' } });
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world, {
      SLACK_WEBHOOK_URL: slack.url,
      ALERT_WEBHOOK_URL: hook.url,
      ALERT_WEBHOOK_SECRET: 'sixteen letters!',
    });
    await world.takes(low, { ...battery('2026-11-23T08', [10]), user_id: 'ben' });
    await until(() => slack.requests.length === 1 && hook.requests.length === 2, 'both channels are tried');
    await world.clock.advance(9 * minuteMs);
    expect(slack.requests).toHaveLength(1);
    await world.clock.advance(2 * minuteMs);
    await until(() => slack.taken().length === 2, 'slack gets both');
  });

  test('is tried again with the same id until it takes the message', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 500 }, { status: 503 }, { status: 500 });
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    for (let tries = 1; tries <= 4; tries += 1) {
      await until(async () => (await world.tries()) === tries, `the end of try ${tries} is noted`);
      await world.clock.advance(2 * minuteMs);
    }
    await until(() => slack.taken().length === 1, 'it takes the message');
    expect(new Set(slack.requests.map(({ body }) => body.match(/"id":"([^"]+)"/)?.[1])).size).toBe(1);
  });

  test('that refuses for good ends the delivery, and health says what to do', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 404, body: 'no_service' });
    const world = await openWorld('2026-11-23T09:01:00Z');
    const service = await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(async () => (await world.deliveries()).includes('1 slack failed'), 'the failure is recorded');
    expect(service.health().problems.join()).toMatch(/SLACK_WEBHOOK_URL/);
    expect(service.health().ready).toBe(true);
  });

  test('what cannot be delivered within its limit is recorded as too late and never sent', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 429, headers: { 'retry-after': String(30 * 3600) } });
    const world = await openWorld('2026-11-23T09:01:00Z');
    const { registry } = await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(() => slack.requests.length === 1, 'it is tried');
    await world.clock.advance(23 * hourMs + 58 * minuteMs);
    expect(await world.deliveries()).toEqual(['1 slack waiting']);
    await world.clock.advance(5 * minuteMs);
    expect(await world.deliveries()).toEqual(['1 slack too_late']);
    await world.clock.advance(24 * hourMs);
    expect(slack.requests).toHaveLength(1);
    expect(await registry.metrics()).toMatch(/oura_alert_deliveries_total\{channel="slack",outcome="too_late"\} 1/);
  });

  test('a replay long after is raised and recorded as too late', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2027-03-01T09:00:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(async () => (await world.deliveries()).includes('1 slack too_late'), 'it is too late');
    expect(slack.requests).toHaveLength(0);
  });
});

describe('a kill', () => {
  test('between deciding and publishing loses nothing', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    const first = await start(world, { SLACK_WEBHOOK_URL: slack.url }, { held: () => false });
    await world.takes(low);
    await first.stop();
    expect(await world.published()).toEqual([]);
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await until(() => slack.taken().length === 1, 'the next process sends it');
    expect(await world.published()).toEqual(['readiness_low 2026-11-23 firing 1']);
  });

  test('between the channel and its note sends again with the same id', async () => {
    const hook = kept(await openWebhookEndpoint());
    const environment = { ALERT_WEBHOOK_URL: hook.url, ALERT_WEBHOOK_SECRET: 'sixteen letters!' };
    const world = await openWorld('2026-11-23T09:01:00Z');
    // The first process dies after the channel took the message: its note fails.
    const dying: StateDatabase = {
      ...world.state,
      read: world.state.read,
      transaction: (work) =>
        hook.requests.length > 0 ? Promise.reject(new Error('killed')) : world.state.transaction(work),
    };
    const first = await start({ ...world, state: dying }, environment);
    await world.takes(low);
    await until(() => hook.requests.length > 0, 'the channel takes it');
    await first.stop();
    await start(world, environment);
    await until(
      async () => (await world.deliveries()).includes('1 webhook delivered'),
      'the next process sends it again',
    );
    const ids = hook.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ids).size).toBe(1);
  });

  test('a process without the lease sends nothing', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url }, { held: () => false });
    await world.takes(low);
    await world.clock.advance(hourMs);
    expect(await world.deliveries()).toEqual(['1 slack waiting']);
    expect(slack.requests).toHaveLength(0);
  });
});

describe('quiet hours', () => {
  test('a message of the night waits for eight in the morning, also across the end of summer time', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-10-24T21:00:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(battery('2026-10-24T20', [12]));
    await world.settled();
    expect(slack.requests).toHaveLength(0);
    await world.clock.advance(Date.parse('2026-10-25T06:59:00Z') - world.clock.now());
    expect(slack.requests).toHaveLength(0);
    await world.clock.advance(2 * minuteMs);
    await until(() => slack.taken().length === 1, 'it goes out at 08:00 winter time');
  });

  test('follow the wearer abroad', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T13:30:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url });
    const slept = sleep(
      { id: 's', day: '2026-11-23', from: '2026-11-22T23:00:00+09:00', to: '2026-11-23T07:00:00+09:00', hours: 7.5 },
      { known_at: '2026-11-22T23:00:00Z' },
    );
    // 22:30 in Tokyo, 14:30 at home.
    await world.takes(slept, battery('2026-11-23T13', [12], { known_at: '2026-11-23T13:29:00Z' }));
    await world.settled();
    await world.clock.advance(9 * hourMs);
    expect(slack.requests).toHaveLength(0);
    await world.clock.advance(hourMs);
    await until(() => slack.taken().length === 1, 'it goes out at 08:00 in Tokyo');
  });

  test('urgent is sent at any hour', async () => {
    const slack = kept(await openSlackEndpoint());
    const folder = await mkdtemp(join(tmpdir(), 'alert-test-'));
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'rules.json');
    await writeFile(path, rulesFile([{ level: 'urgent' }]));
    const world = await openWorld('2026-11-23T02:00:00Z');
    await start(world, { SLACK_WEBHOOK_URL: slack.url, ALERT_RULES_FILE: path });
    await world.takes(readiness('2026-11-22', 30, { known_at: '2026-11-23T01:59:00Z' }));
    await until(() => slack.taken().length === 1, 'it goes out at night');
  });
});

const rulesFile = (rules: object[]): string =>
  JSON.stringify({
    version: 1,
    quiet_hours: { from: '22:00', to: '08:00' },
    rules: rules.map((rule) => ({
      kind: 'metric',
      id: 'readiness_low',
      title: 'Readiness is low',
      reason: 'A test.',
      action: 'Rest.',
      level: 'warning',
      metric: 'score_readiness',
      resource: 'daily_readiness',
      comparison: '<',
      threshold: 60,
      ...rule,
    })),
  });

describe('what time brings about', () => {
  test('a settled night is judged on the tick', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world);
    const night = {
      id: 'n',
      day: '2026-11-23',
      from: '2026-11-23T02:00:00+01:00',
      to: '2026-11-23T06:30:00+01:00',
      hours: 4,
    };
    await world.takes(sleep(night, { known_at: '2026-11-23T09:00:00Z' }));
    await world.clock.advance(28 * minuteMs);
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
    await world.clock.advance(2 * minuteMs);
    expect((await listOpenAlerts(world.state.read)).map(({ rule }) => rule)).toEqual(['sleep_short']);
  });

  test('nothing new for some hours is said, but not by a service that was away itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alert-test-'));
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'rules.json');
    const silent = {
      kind: 'absence',
      id: 'silent',
      title: 'Silence',
      reason: '-',
      action: '-',
      level: 'info',
      hours: 3,
    };
    await writeFile(path, JSON.stringify({ version: 1, quiet_hours: false, rules: [silent] }));
    const fine = readiness('2026-11-23', 80, { known_at: '2026-11-23T09:00:00Z' });
    const open = async ({ state }: World) => (await listOpenAlerts(state.read)).map(({ rule }) => rule);

    const there = await openWorld('2026-11-23T09:01:00Z');
    const first = await start(there, { ALERT_RULES_FILE: path });
    await there.takes(fine);
    await there.clock.advance(2.9 * hourMs, 12 * minuteMs);
    expect(await open(there)).toEqual([]);
    await there.clock.advance(0.2 * hourMs, 12 * minuteMs);
    expect(await open(there)).toEqual(['silent']);
    await first.stop();

    const away = await openWorld('2026-11-23T09:01:00Z');
    const second = await start(away, { ALERT_RULES_FILE: path });
    await away.takes(fine);
    await second.stop();
    away.clock.sleep(48 * hourMs);
    await start(away, { ALERT_RULES_FILE: path });
    await away.clock.advance(50 * minuteMs, 10 * minuteMs);
    expect(await open(away)).toEqual([]);
    await away.takes(readiness('2026-11-25', 80, { known_at: '2026-11-25T09:50:00Z' }));
    await away.clock.advance(hourMs, 10 * minuteMs);
    expect(await open(away)).toEqual([]);
  });

  test('a broken rules file keeps the last good rules, also over a restart, and says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alert-test-'));
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'rules.json');
    await writeFile(path, rulesFile([{ threshold: 40 }]));
    const world = await openWorld('2026-11-23T09:01:00Z');
    const first = await start(world, { ALERT_RULES_FILE: path });
    expect(first.health().problems).toEqual([]);
    await writeFile(path, rulesFile([{ threshold: 'low' }]));
    await world.clock.advance(minuteMs);
    await until(
      () => first.health().problems.some((problem) => /readiness_low, threshold/.test(problem)),
      'health says so',
    );
    await first.stop();
    const second = await start(world, { ALERT_RULES_FILE: path });
    await world.takes(low);
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
    await writeFile(path, rulesFile([{ threshold: 70 }]));
    await world.clock.advance(minuteMs);
    await until(() => second.health().problems.length === 0, 'the mended file is in force');
    await world.takes({ ...low, version: 2, document: 'v2' });
    expect(await listOpenAlerts(world.state.read)).toHaveLength(1);
  });

  test('an alert of a rule that was taken away is closed without a message, and the rule may come back', async () => {
    const slack = kept(await openSlackEndpoint());
    const folder = await mkdtemp(join(tmpdir(), 'alert-test-'));
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'rules.json');
    await writeFile(path, rulesFile([{}]));
    const world = await openWorld('2026-11-23T09:01:00Z');
    await start(world, { ALERT_RULES_FILE: path, SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(() => slack.taken().length === 1, 'it fires');
    await writeFile(path, rulesFile([{ enabled: false }]));
    await until(async () => {
      await world.clock.advance(10_000);
      return (await world.published()).length === 2;
    }, 'it is closed');
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
    await writeFile(path, rulesFile([{}]));
    await until(async () => {
      await world.clock.advance(10_000);
      const rows = await world.state.read.selectFrom('alert_notes').selectAll().where('name', '=', 'rules').execute();
      return rows[0] && !rows[0].content.includes('"enabled":false');
    }, 'the rule is back');
    await world.takes(readiness('2026-11-23', 50, { version: 2, known_at: '2026-11-23T10:00:00Z' }));
    expect((await world.published()).at(-1)).toBe('readiness_low 2026-11-23 resolved 2');
    await until(async () => (await world.published()).length === 3, 'it fires again with the next number');
    expect((await world.published()).at(-1)).toBe('readiness_low 2026-11-23 firing 3');
    expect(slack.taken().length).toBeLessThanOrEqual(2);
  });
});

describe('commands', () => {
  async function serve(world: World, environment: Record<string, string> = {}) {
    const service = await start(world, environment);
    const app = express().use(service.commands).use(jsonErrors(logger));
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return async (method: string, path: string, body?: object) => {
      const response = await fetch(base + path, {
        method,
        headers: { 'content-type': 'application/json', connection: 'close' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as { data: never; error?: { message: string } } };
    };
  }
  const id = 'anna:readiness_low:2026-11-23';

  test('list, acknowledge and their answers', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T23:30:00Z');
    const call = await serve(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(readiness('2026-11-23', 55, { known_at: '2026-11-23T23:29:00Z' }));
    await world.settled();
    expect(await call('GET', '/api/v1/alerts?state=open')).toMatchObject({
      status: 200,
      body: {
        data: [{ id, state: 'firing', acknowledged_at: null, deliveries: [{ channel: 'slack', status: 'waiting' }] }],
      },
    });
    expect(await call('GET', '/api/v1/alerts?state=resolved&user=anna')).toMatchObject({ body: { data: [] } });
    expect(await call('POST', `/api/v1/alerts/${encodeURIComponent(id)}/acknowledge`)).toMatchObject({
      status: 200,
      body: { data: { acknowledged_at: '2026-11-23T23:30:00.000Z', deliveries: [{ status: 'silenced' }] } },
    });
    await world.clock.advance(12 * hourMs);
    expect(slack.requests).toHaveLength(0);
    await world.takes(readiness('2026-11-23', 80, { version: 2, known_at: '2026-11-24T09:00:00Z' }));
    await until(() => slack.taken().length === 1, 'the end is told all the same');
    expect(await call('POST', `/api/v1/alerts/${id}/acknowledge`)).toMatchObject({ status: 409 });
    expect(await call('POST', '/api/v1/alerts/nobody/acknowledge')).toMatchObject({ status: 404 });
    expect(await call('GET', '/api/v1/alerts?limit=0')).toMatchObject({ status: 400 });
  });

  test('a snooze keeps silent until its time and then says it once more', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    const call = await serve(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(() => slack.taken().length === 1, 'it fires');
    await until(async () => (await world.deliveries()).includes('1 slack delivered'), 'it is noted');
    expect(await call('POST', `/api/v1/alerts/${id}/snooze`, { until: '2026-11-23T12:00:00Z' })).toMatchObject({
      status: 200,
      body: { data: { snoozed_until: '2026-11-23T12:00:00.000Z' } },
    });
    await world.clock.advance(2 * hourMs);
    expect(slack.requests).toHaveLength(1);
    await world.clock.advance(hourMs + minuteMs);
    await until(() => slack.taken().length === 2, 'it is said once more');
    expect(slack.requests[1]?.body).toContain('Still: Readiness is low');
    await world.clock.advance(5 * hourMs);
    expect(slack.requests).toHaveLength(2);
    expect(await world.published()).toHaveLength(1);
  });

  test('what ends during its snooze is told when the snooze is over, without a reminder', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    const call = await serve(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(async () => (await world.deliveries()).includes('1 slack delivered'), 'it fires');
    await call('POST', `/api/v1/alerts/${id}/snooze`, { until: '2026-11-23T12:00:00Z' });
    await world.takes(back);
    await world.settled();
    await world.clock.advance(2 * hourMs);
    expect(slack.requests).toHaveLength(1);
    await world.clock.advance(2 * hourMs);
    await until(() => slack.taken().length === 2, 'its end is told');
    expect(slack.requests[1]?.body).toContain('Over: Readiness is low');
  });

  test.each([[{ until: '2026-11-23T09:00:00Z' }], [{ until: '2027-11-23T09:00:00Z' }], [{ until: 'tomorrow' }], [{}]])(
    'a snooze with %j is refused',
    async (body) => {
      const world = await openWorld('2026-11-23T09:01:00Z');
      const call = await serve(world);
      await world.takes(low);
      expect(await call('POST', `/api/v1/alerts/${id}/snooze`, body)).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining('until') } },
      });
    },
  );

  test('a test goes to every channel at once and says what each answered', async () => {
    const slack = kept(await openSlackEndpoint());
    const hook = kept(await openWebhookEndpoint());
    hook.plan({ status: 403 });
    const world = await openWorld('2026-11-23T02:00:00Z');
    const call = await serve(world, {
      SLACK_WEBHOOK_URL: slack.url,
      ALERT_WEBHOOK_URL: hook.url,
      ALERT_WEBHOOK_SECRET: 'sixteen letters!',
    });
    expect(await call('POST', '/api/v1/alerts/test')).toEqual({
      status: 200,
      body: {
        data: [
          { channel: 'slack', ok: true, answer: 'sent' },
          { channel: 'webhook', ok: false, answer: expect.stringContaining('ALERT_WEBHOOK_URL') },
        ],
      },
    });
    expect(await world.published()).toEqual([]);
  });

  test('the rules are shown with where each goes', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    const call = await serve(world);
    const { body } = await call('GET', '/api/v1/alerts/rules');
    expect(body).toMatchObject({ problems: [], channels: [], quiet_hours: { from: '22:00', to: '08:00' } });
    expect(body.data).toHaveLength(6);
  });
});
