import { expect, test } from '@jest/globals';
import { discordAdvice } from './discord-channel.ts';
import { httpOutcome, networkOutcome } from './http-outcome.ts';
import { slackAdvice } from './slack-channel.ts';
import { smtpOutcome } from './smtp-outcome.ts';
import { webhookAdvice } from './webhook-channel.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');
const answer = (status: number, body = '', retryAfter: string | null = null) => ({ status, body, retryAfter });

test.each([
  [200, '', null, { kind: 'delivered' }],
  [204, '', null, { kind: 'delivered' }],
  [429, '', '30', { kind: 'retry', reason: 'http_429', retryAfterMs: 30_000 }],
  [429, '{"retry_after": 0.65}', null, { kind: 'retry', reason: 'http_429', retryAfterMs: 650 }],
  [429, '', null, { kind: 'retry', reason: 'http_429' }],
  [408, '', null, { kind: 'retry', reason: 'http_408' }],
  [500, 'rollup_error', null, { kind: 'retry', reason: 'http_500' }],
  [503, '', '7', { kind: 'retry', reason: 'http_503', retryAfterMs: 7_000 }],
  [403, 'invalid_token', null, { kind: 'failed', reason: 'invalid_token' }],
  [404, 'no_service', null, { kind: 'failed', reason: 'no_service' }],
  [410, 'channel_is_archived', null, { kind: 'failed', reason: 'channel_is_archived' }],
  [403, 'action_prohibited', null, { kind: 'failed', reason: 'action_prohibited' }],
  [404, '', null, { kind: 'failed', reason: 'http_404' }],
  [302, '', null, { kind: 'failed', reason: 'http_302' }],
  [400, 'invalid_payload', null, { kind: 'failed', reason: 'http_400' }],
])('an answer of %d %s (Retry-After %s) means %j', (status, body, retryAfter, expected) => {
  expect(httpOutcome(answer(status, body, retryAfter), nowMs, slackAdvice)).toMatchObject(expected);
});

test('a final no always says what to do, with the name of the variable', () => {
  for (const about of [slackAdvice, discordAdvice, webhookAdvice]) {
    for (const status of [301, 400, 401, 403, 404, 410]) {
      const outcome = httpOutcome(answer(status), nowMs, about);
      expect(outcome.kind === 'failed' && outcome.advice).toContain(about.variable);
    }
  }
});

test.each([
  [new DOMException('signal timed out', 'TimeoutError'), 'timeout'],
  [
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    'connection_refused',
  ],
  [new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }), 'unknown_host'],
  [new TypeError('fetch failed'), 'no_answer'],
  ['what', 'no_answer'],
])('no answer (%s) is worth another try: %s', (error, reason) => {
  expect(networkOutcome(error)).toEqual({ kind: 'retry', reason });
});

test.each([
  ['EMESSAGE', 421, { kind: 'retry', reason: 'smtp_421' }],
  ['EENVELOPE', 450, { kind: 'retry', reason: 'smtp_450' }],
  ['EAUTH', 454, { kind: 'retry', reason: 'smtp_454' }],
  ['EMESSAGE', 503, { kind: 'retry', reason: 'smtp_503' }],
  ['EENVELOPE', 550, { kind: 'failed', reason: 'smtp_550' }],
  ['EMESSAGE', 554, { kind: 'failed', reason: 'smtp_554' }],
  ['EAUTH', 535, { kind: 'failed', reason: 'smtp_535' }],
  ['ECONNECTION', undefined, { kind: 'retry', reason: 'econnection' }],
  ['ETIMEDOUT', undefined, { kind: 'retry', reason: 'etimedout' }],
  ['EDNS', undefined, { kind: 'retry', reason: 'edns' }],
  ['ENOAUTH', undefined, { kind: 'failed', reason: 'enoauth' }],
  [undefined, undefined, { kind: 'retry', reason: 'unknown' }],
])('a mail server’s %s %s means %j', (code, responseCode, expected) => {
  const outcome = smtpOutcome({ code, responseCode });
  expect(outcome).toMatchObject(expected);
  if (outcome.kind === 'failed') expect(outcome.advice).toMatch(/SMTP_URL|ALERT_EMAIL/);
});
