// The whole service on the real adapters in memory: metrics in, messages out. What the sender does in trouble stands in alert-sender.test.ts.
import { describe, expect, test } from '@jest/globals';
import { encodeMetrics, metricsTopic } from '../../schemas/metrics-message.ts';
import { readiness, sleep } from '../../test/support/alert-messages.ts';
import { type AlertWorld, kept, openRulesFile, openWorld, startAlert, until } from '../../test/support/alert-world.ts';
import { openSlackEndpoint } from '../../test/support/slack-endpoint.ts';
import { openSmtpServer } from '../../test/support/smtp-server.ts';
import { listOpenAlerts } from '../storage/alerts.ts';
import { ensurePerson } from '../storage/people.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const low = readiness('2026-11-23', 55, { known_at: '2026-11-23T09:00:00Z' });
const back = readiness('2026-11-23', 75, { version: 2, known_at: '2026-11-23T09:30:00Z' });

describe('from a value to a message', () => {
  test('an alert is published, then sent to every channel once, and its end too', async () => {
    const slack = kept(await openSlackEndpoint());
    const smtp = kept(await openSmtpServer());
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world, {
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
    await startAlert(world);
    await world.takes(readiness('2026-11-23', 90, { known_at: '2026-11-23T09:00:00Z' }));
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
  });

  test('a message that is none becomes a dead letter and the next is judged', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world);
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
    await startAlert(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes({ ...low, user_id: anna.userId });
    await until(() => slack.taken().length === 1, 'the message arrives');
    expect(slack.requests[0]?.body).toContain('Anna: Readiness is low');
  });
});

describe('what time brings about', () => {
  test('a settled night is judged on the tick', async () => {
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world);
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
    const silent = {
      kind: 'absence',
      id: 'silent',
      title: 'Silence',
      reason: '-',
      action: '-',
      level: 'info',
      hours: 3,
    };
    const rules = await openRulesFile([silent]);
    const fine = readiness('2026-11-23', 80, { known_at: '2026-11-23T09:00:00Z' });
    const open = async ({ state }: AlertWorld) => (await listOpenAlerts(state.read)).map(({ rule }) => rule);

    const there = await openWorld('2026-11-23T09:01:00Z');
    const first = await startAlert(there, { ALERT_RULES_FILE: rules.path });
    await there.takes(fine);
    await there.clock.advance(2.9 * hourMs, 12 * minuteMs);
    expect(await open(there)).toEqual([]);
    await there.clock.advance(0.2 * hourMs, 12 * minuteMs);
    expect(await open(there)).toEqual(['silent']);
    await first.stop();

    const away = await openWorld('2026-11-23T09:01:00Z');
    const second = await startAlert(away, { ALERT_RULES_FILE: rules.path });
    await away.takes(fine);
    await second.stop();
    away.clock.sleep(48 * hourMs);
    await startAlert(away, { ALERT_RULES_FILE: rules.path });
    await away.clock.advance(50 * minuteMs, 10 * minuteMs);
    expect(await open(away)).toEqual([]);
    await away.takes(readiness('2026-11-25', 80, { known_at: '2026-11-25T09:50:00Z' }));
    await away.clock.advance(hourMs, 10 * minuteMs);
    expect(await open(away)).toEqual([]);
  });

  test('a broken rules file keeps the last good rules, also over a restart, and says so', async () => {
    const rules = await openRulesFile([{ threshold: 40 }]);
    const world = await openWorld('2026-11-23T09:01:00Z');
    const first = await startAlert(world, { ALERT_RULES_FILE: rules.path });
    expect(first.health().problems).toEqual([]);
    await rules.write([{ threshold: 'low' }]);
    await world.clock.advance(minuteMs);
    await until(
      () => first.health().problems.some((problem) => /readiness_low, threshold/.test(problem)),
      'health says so',
    );
    await first.stop();
    const second = await startAlert(world, { ALERT_RULES_FILE: rules.path });
    await world.takes(low);
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
    await rules.write([{ threshold: 70 }]);
    await world.clock.advance(minuteMs);
    await until(() => second.health().problems.length === 0, 'the mended file is in force');
    await world.takes({ ...low, version: 2, document: 'v2' });
    expect(await listOpenAlerts(world.state.read)).toHaveLength(1);
  });

  test('an alert of a rule that was taken away is closed without a message, and the rule may come back', async () => {
    const slack = kept(await openSlackEndpoint());
    const rules = await openRulesFile([{}]);
    const world = await openWorld('2026-11-23T09:01:00Z');
    await startAlert(world, { ALERT_RULES_FILE: rules.path, SLACK_WEBHOOK_URL: slack.url });
    await world.takes(low);
    await until(() => slack.taken().length === 1, 'it fires');
    await rules.write([{ enabled: false }]);
    await until(async () => {
      await world.clock.advance(10_000);
      return (await world.published()).length === 2;
    }, 'it is closed');
    expect(await listOpenAlerts(world.state.read)).toEqual([]);
    await rules.write([{}]);
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
