// What becomes of messages when channels are in trouble, at night, and when the process is killed. Kills are played by a process that dies between two steps: the
// next one starts on what was durable.
import { describe, expect, test } from '@jest/globals';
import { battery, readiness, sleep } from '../../test/support/alert-messages.ts';
import { kept, openRulesFile, openWorld, startAlert, until } from '../../test/support/alert-world.ts';
import { openSlackEndpoint, openWebhookEndpoint } from '../../test/support/slack-endpoint.ts';
import type { StateDatabase } from '../storage/tables.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const low = readiness('2026-11-23', 55, { known_at: '2026-11-23T09:00:00Z' });

describe('a channel that is in trouble', () => {
  test('is left alone for as long as it says, and no other channel waits for it', async () => {
    const slack = kept(await openSlackEndpoint());
    const hook = kept(await openWebhookEndpoint());
    slack.plan({ status: 429, headers: { 'retry-after': '600' } });
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world, {
      SLACK_WEBHOOK_URL: slack.url,
      ALERT_WEBHOOK_URL: hook.url,
      ALERT_WEBHOOK_SECRET: 'sixteen letters!',
    });
    await world.takes(low, { ...battery('2026-11-23T08', [10]), user_id: 'ben' });
    await until(() => slack.requests.length === 1 && hook.requests.length === 2, 'both channels are tried');
    await world.settled();
    await world.clock.advance(9 * minuteMs);
    expect(slack.requests).toHaveLength(1);
    await world.clock.advance(2 * minuteMs);
    await until(() => slack.taken().length === 2, 'slack gets both');
  });

  test('is tried again with the same id until it takes the message', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 500 }, { status: 503 }, { status: 500 });
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
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
    const service = await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(async () => (await world.deliveries()).includes('1 slack failed'), 'the failure is recorded');
    expect(service.health().problems.join()).toMatch(/SLACK_WEBHOOK_URL/);
    expect(service.health().ready).toBe(true);
  });

  test('what cannot be delivered within its limit is recorded as too late and never sent', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 429, headers: { 'retry-after': String(30 * 3600) } });
    const world = await openWorld('2026-11-23T09:01:00Z');
    const { registry } = await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(() => slack.requests.length === 1, 'it is tried');
    await world.settled();
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
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(async () => (await world.deliveries()).includes('1 slack too_late'), 'it is too late');
    expect(slack.requests).toHaveLength(0);
  });
});

describe('a kill', () => {
  test('between deciding and publishing loses nothing', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T09:01:00Z');
    const first = await startAlert(world, { SLACK_WEBHOOK_URL: slack.url }, { held: () => false });
    await world.takes(low);
    await first.stop();
    expect(await world.published()).toEqual([]);
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
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
    const first = await startAlert({ ...world, state: dying }, environment);
    await world.takes(low);
    await until(() => hook.requests.length > 0, 'the channel takes it');
    await first.stop();
    await startAlert(world, environment);
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
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url }, { held: () => false });
    await world.takes(low);
    const night = { id: 'n', day: '2026-11-23', from: '2026-11-23T02:00:00+01:00', to: '2026-11-23T06:30:00+01:00' };
    await world.takes(sleep({ ...night, hours: 4 }, { known_at: '2026-11-23T09:00:00Z' }));
    await world.clock.advance(hourMs);
    expect(await world.deliveries()).toEqual(['1 slack waiting']);
    expect(slack.requests).toHaveLength(0);
  });
});

describe('quiet hours', () => {
  test('a message of the night waits for eight in the morning, also across the end of summer time', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-10-24T21:00:00Z');
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
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
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
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
    const rules = await openRulesFile([{ level: 'urgent' }]);
    const world = await openWorld('2026-11-23T02:00:00Z');
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url, ALERT_RULES_FILE: rules.path });
    await world.takes(readiness('2026-11-22', 30, { known_at: '2026-11-23T01:59:00Z' }));
    await until(() => slack.taken().length === 1, 'it goes out at night');
  });
});
