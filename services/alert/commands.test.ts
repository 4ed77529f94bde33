// The commands over HTTP, and what acknowledging and snoozing do to the messages.
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { readiness } from '../../test/support/alert-messages.ts';
import {
  type AlertWorld,
  closers,
  kept,
  openWorld,
  silentLogger,
  startAlert,
  until,
} from '../../test/support/alert-world.ts';
import { openSlackEndpoint, openWebhookEndpoint } from '../../test/support/slack-endpoint.ts';
import { jsonErrors } from '../runtime/http/json-error.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const low = readiness('2026-11-23', 55, { known_at: '2026-11-23T09:00:00Z' });
const back = readiness('2026-11-23', 75, { version: 2, known_at: '2026-11-23T09:30:00Z' });

describe('commands', () => {
  async function serve(world: AlertWorld, environment: Record<string, string> = {}) {
    const service = await startAlert(world, environment);
    const app = express().use(service.commands).use(jsonErrors(silentLogger));
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

  test('what was snoozed before it was sent is sent once, as it is', async () => {
    const slack = kept(await openSlackEndpoint());
    const world = await openWorld('2026-11-23T23:30:00Z');
    const call = await serve(world, { SLACK_WEBHOOK_URL: slack.url });
    await world.takes(readiness('2026-11-23', 55, { known_at: '2026-11-23T23:29:00Z' }));
    await world.settled();
    await call('POST', `/api/v1/alerts/${id}/snooze`, { until: '2026-11-24T10:00:00Z' });
    await world.clock.advance(10 * hourMs);
    expect(slack.requests).toHaveLength(0);
    await world.clock.advance(hourMs);
    await until(() => slack.taken().length === 1, 'it is sent');
    await world.clock.advance(hourMs);
    expect(slack.requests).toHaveLength(1);
    expect(slack.requests[0]?.body).not.toContain('Still:');
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
