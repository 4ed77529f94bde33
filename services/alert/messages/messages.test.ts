import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { AlertTransition } from '../../../schemas/alert-transition.ts';
import { discordMessage } from './discord-message.ts';
import { mailMessage } from './mail-message.ts';
import { disclaimer, noticeOf } from './notice.ts';
import { slackMessage } from './slack-message.ts';
import { webhookMessage } from './webhook-message.ts';

const firing: AlertTransition = {
  id: 'anna:readiness_low:2026-11-23:1',
  alert: 'anna:readiness_low:2026-11-23',
  number: 1,
  user_id: 'anna',
  rule: 'readiness_low',
  title: 'Readiness is low',
  level: 'warning',
  state: 'firing',
  at: '2026-11-23T08:00:03.000Z',
  ended_at: '2026-11-23T05:00:00.000Z',
  action: 'Consider an easier day.',
  summary: 'Readiness is low: 55, below 60 on 2026-11-23.',
};
const resolved: AlertTransition = {
  ...firing,
  id: `${firing.alert}:2`,
  number: 2,
  state: 'resolved',
  summary: 'Over: …',
};
const context = {
  isReminder: false,
  personName: undefined as string | undefined,
  nowMs: Date.parse('2026-11-23T08:10:00Z'),
};
const about = (transition: AlertTransition, channel: string, more: Partial<typeof context> = {}) =>
  noticeOf(transition, { ...context, deliveryId: `${transition.id}/${channel}`, ...more });

const everyText = (channel: string, notice: ReturnType<typeof about>): string =>
  ({
    slack: JSON.stringify(slackMessage(notice)),
    discord: JSON.stringify(discordMessage(notice)),
    email: JSON.stringify(mailMessage(notice, { from: 'a@x.test', to: ['b@x.test'] })),
  })[channel] ?? '';

test.each(['slack', 'discord', 'email'])(
  'a %s message says what happened, how old it is, what to do, whose id it has, and that it is no medical device',
  (channel) => {
    const text = everyText(channel, about(firing, channel)).replaceAll('\\\\', '');
    for (const part of [
      'Readiness is low',
      '55, below 60',
      '3 h ago',
      'an easier day',
      disclaimer,
      'readiness_low:2026-11-23:1',
    ])
      expect(text).toContain(part);
  },
);

test('several people are told apart, and a reminder and the end are marked', () => {
  expect(about(firing, 'slack').headline).toBe('⚠️ Readiness is low');
  expect(about(firing, 'slack', { personName: 'Anna' }).headline).toBe('⚠️ Anna: Readiness is low');
  expect(about(firing, 'slack', { isReminder: true }).headline).toBe('⚠️ Still: Readiness is low');
  expect(about(resolved, 'slack').headline).toBe('✅ Over: Readiness is low');
  expect(about(resolved, 'slack').action).toBeUndefined();
});

test('a name cannot become a mention, a link or markup', () => {
  const notice = about({ ...firing, summary: '<!channel> & <http://x|y>' }, 'slack', {
    personName: '@everyone **x** <b>',
  });
  expect(JSON.stringify(slackMessage(notice).blocks)).not.toMatch(/<!channel>|<http/);
  const discord = discordMessage(notice);
  expect(discord.allowed_mentions).toEqual({ parse: [] });
  expect(discord.embeds[0]?.title).toContain('\\*\\*x\\*\\*');
  expect(mailMessage(notice, { from: 'a@x.test', to: [] }).html).not.toContain('<b>');
});

test('a mail sent twice has one Message-ID, and the end of an alert answers its beginning', () => {
  const mail = (transition: AlertTransition) =>
    mailMessage(about(transition, 'email'), { from: 'a@x.test', to: ['b@x.test'] });
  expect(mail(firing).messageId).toBe(mail(firing).messageId);
  expect(mail(firing).messageId).toMatch(/^<[0-9a-f]{40}@alerts\.oura-streaming>$/);
  expect(mail(firing).inReplyTo).toBeUndefined();
  expect(mail(resolved).messageId).not.toBe(mail(firing).messageId);
  expect(mail(resolved).inReplyTo).toBe(mail(firing).messageId);
});

test('a webhook is signed as Standard Webhooks sign', () => {
  const { body, headers } = webhookMessage(about(firing, 'webhook'), {
    secret: 'a secret of ours',
    nowMs: 1_764_000_000_999,
  });
  const signed = `${headers['webhook-id']}.1764000000.${body}`;
  expect(headers['webhook-timestamp']).toBe('1764000000');
  expect(headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', 'a secret of ours').update(signed).digest('base64')}`,
  );
  const whsec = webhookMessage(about(firing, 'webhook'), {
    secret: `whsec_${Buffer.from('k').toString('base64')}`,
    nowMs: 0,
  });
  const other = `${whsec.headers['webhook-id']}.0.${whsec.body}`;
  expect(whsec.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'k').update(other).digest('base64')}`);
  expect(JSON.parse(body)).toMatchObject({ id: `${firing.id}/webhook`, transition: { id: firing.id } });
});
