import { afterEach, describe, expect, test } from '@jest/globals';
import { openDiscordEndpoint, openSlackEndpoint, openWebhookEndpoint } from '../../../test/support/slack-endpoint.ts';
import { openSmtpServer } from '../../../test/support/smtp-server.ts';
import { noticeOf } from '../messages/notice.ts';
import { alertSettings } from '../settings.ts';
import type { Channel } from './channel.ts';
import { openChannels } from './open-channels.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');
const notice = noticeOf(
  {
    id: 'anna:readiness_low:2026-11-23:1',
    alert: 'anna:readiness_low:2026-11-23',
    number: 1,
    user_id: 'anna',
    rule: 'readiness_low',
    title: 'Readiness is low',
    level: 'warning',
    state: 'firing',
    at: '2026-11-23T08:00:00Z',
    summary: 'Readiness is low: 55, below 60 on 2026-11-23.',
  },
  { deliveryId: 'anna:readiness_low:2026-11-23:1/x', isReminder: false, personName: undefined, nowMs },
);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const kept = <T extends { close(): Promise<void> }>(opened: T): T => {
  closers.push(opened.close);
  return opened;
};

function channelOf(environment: Record<string, string>): Channel {
  const [channel] = openChannels(alertSettings.parse(environment));
  if (!channel) throw new Error('no channel is configured');
  return channel;
}
const send = (channel: Channel) => channel.send(notice, { recipients: null, nowMs });

describe('slack', () => {
  test('takes the message with its id in the metadata', async () => {
    const slack = kept(await openSlackEndpoint());
    expect(await send(channelOf({ SLACK_WEBHOOK_URL: slack.url }))).toEqual({ kind: 'delivered' });
    expect(slack.taken()).toMatchObject([
      { metadata: { event_payload: { id: notice.id } }, text: expect.stringContaining('below 60') },
    ]);
  });

  test('tells how long to wait, which its client hides', async () => {
    const slack = kept(await openSlackEndpoint());
    slack.plan({ status: 429, headers: { 'retry-after': '42' } });
    expect(await send(channelOf({ SLACK_WEBHOOK_URL: slack.url }))).toEqual({
      kind: 'retry',
      reason: 'http_429',
      retryAfterMs: 42_000,
    });
  });

  test('is tried again after a 500 and given up after a dead webhook', async () => {
    const slack = kept(await openSlackEndpoint());
    const channel = channelOf({ SLACK_WEBHOOK_URL: slack.url });
    slack.plan({ status: 500, body: 'rollup_error' }, { status: 404, body: 'no_service' });
    expect(await send(channel)).toEqual({ kind: 'retry', reason: 'http_500' });
    expect(await send(channel)).toMatchObject({ kind: 'failed', reason: 'no_service' });
  });

  test('that is not there at all is tried again', async () => {
    const slack = await openSlackEndpoint();
    await slack.close();
    expect(await send(channelOf({ SLACK_WEBHOOK_URL: slack.url }))).toMatchObject({ kind: 'retry' });
  });
});

describe('discord', () => {
  test('is asked to answer only when the message stands', async () => {
    const discord = kept(await openDiscordEndpoint());
    expect(await send(channelOf({ DISCORD_WEBHOOK_URL: discord.url }))).toEqual({ kind: 'delivered' });
    expect(discord.requests[0]?.path).toContain('wait=true');
  });

  test('tells its wait in the answer', async () => {
    const discord = kept(await openDiscordEndpoint());
    discord.plan({ status: 429, body: JSON.stringify({ message: 'slow', retry_after: 1.5, global: false }) });
    expect(await send(channelOf({ DISCORD_WEBHOOK_URL: discord.url }))).toEqual({
      kind: 'retry',
      reason: 'http_429',
      retryAfterMs: 1_500,
    });
  });
});

describe('webhook', () => {
  test('gets the id to de-duplicate by, a time and a signature', async () => {
    const hook = kept(await openWebhookEndpoint());
    const channel = channelOf({ ALERT_WEBHOOK_URL: hook.url, ALERT_WEBHOOK_SECRET: 'sixteen letters!' });
    expect(await send(channel)).toEqual({ kind: 'delivered' });
    expect(hook.requests[0]?.headers).toMatchObject({
      'webhook-id': notice.id,
      'webhook-timestamp': String(nowMs / 1000),
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
  });

  test('is not followed when it moves', async () => {
    const hook = kept(await openWebhookEndpoint());
    hook.plan({ status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    const channel = channelOf({ ALERT_WEBHOOK_URL: hook.url, ALERT_WEBHOOK_SECRET: 'sixteen letters!' });
    expect(await send(channel)).toMatchObject({ kind: 'failed', reason: 'http_302' });
  });
});

describe('email', () => {
  const settings = (url: string) => ({
    SMTP_URL: url,
    ALERT_EMAIL_FROM: 'ring@x.test',
    ALERT_EMAIL_TO: 'anna@x.test, ben@x.test',
  });

  test('goes to every recipient, with subject, text, HTML and an id', async () => {
    const smtp = kept(await openSmtpServer());
    expect(await send(channelOf(settings(smtp.url)))).toEqual({ kind: 'delivered' });
    const [mail] = smtp.mails;
    expect(mail?.subject).toBe('⚠️ Readiness is low');
    expect(mail?.text).toContain('55, below 60');
    expect(mail?.html).toContain('<h1');
    expect(mail?.messageId).toMatch(/@alerts\.oura-streaming>$/);
    expect(mail?.headers.get('x-oura-streaming-alert')).toBe(notice.id);
    expect(
      [mail?.to]
        .flat()
        .flatMap((to) => to?.value ?? [])
        .map(({ address }) => address),
    ).toEqual(['anna@x.test', 'ben@x.test']);
  });

  test('goes to the recipients of the rule instead', async () => {
    const smtp = kept(await openSmtpServer());
    const channel = channelOf(settings(smtp.url));
    await channel.send(notice, { recipients: ['carer@x.test'], nowMs });
    expect([smtp.mails[0]?.to].flat().map((to) => to?.text)).toEqual(['carer@x.test']);
  });

  test.each([
    ['a busy server', { at: 'message', code: 451, text: 'try later' }, { kind: 'retry', reason: 'smtp_451' }],
    ['greylisting', { at: 'recipient', code: 450, text: 'greylisted' }, { kind: 'retry', reason: 'smtp_450' }],
    ['a refused message', { at: 'message', code: 554, text: 'no' }, { kind: 'failed', reason: 'smtp_554' }],
    ['a wrong password', { at: 'auth', code: 535, text: 'no' }, { kind: 'failed', reason: 'smtp_535' }],
  ] as const)('%s is told apart', async (_name, refusal, expected) => {
    const smtp = kept(await openSmtpServer());
    smtp.plan(refusal);
    const channel = channelOf(settings(smtp.url));
    const outcome = await channel.send(notice, { recipients: ['anna@x.test'], nowMs });
    expect(outcome).toMatchObject(expected);
    if (outcome.kind === 'failed') expect(outcome.advice).toMatch(/SMTP_URL|ALERT_EMAIL_FROM/);
  });

  test('a recipient who is refused among others is said', async () => {
    const smtp = kept(await openSmtpServer());
    smtp.plan({ at: 'recipient', code: 550, text: 'unknown' });
    expect(await send(channelOf(settings(smtp.url)))).toMatchObject({ kind: 'failed', reason: 'some_refused' });
    expect(smtp.mails).toHaveLength(1);
  });

  test('no server is worth another try', async () => {
    const smtp = await openSmtpServer();
    await smtp.close();
    expect(await send(channelOf(settings(smtp.url)))).toMatchObject({ kind: 'retry' });
  });
});
