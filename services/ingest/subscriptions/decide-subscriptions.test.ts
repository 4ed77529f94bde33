import { expect, test } from '@jest/globals';
import {
  decideSubscriptions,
  type ExistingSubscription,
  pairsOf,
  parseExpiry,
  webhookDataTypes,
} from './decide-subscriptions.ts';

const dayMs = 24 * 3_600_000;
const nowMs = Date.parse('2026-11-23T08:00:00Z');
const callbackUrl = 'https://us.test/webhooks/oura';
const pair = { dataType: 'sleep', eventType: 'create' };
const wanted = { pairs: [pair], callbackUrl };
const existing = (changes: Partial<ExistingSubscription> = {}): ExistingSubscription => ({
  ...pair,
  ...{ id: 'one', callbackUrl, expiresAtMs: nowMs + 60 * dayMs },
  ...changes,
});
const elsewhere = 'https://old.test/webhooks/oura';

test.each<[string, ExistingSubscription[], object[]]>([
  ['nothing there: create', [], [{ kind: 'create', pair }]],
  ['all well: nothing', [existing()], []],
  ['another address: move', [existing({ callbackUrl: elsewhere })], [{ kind: 'move', id: 'one', pair }]],
  ['three weeks left: nothing', [existing({ expiresAtMs: nowMs + 21 * dayMs })], []],
  [
    'less than three weeks: renew',
    [existing({ expiresAtMs: nowMs + 21 * dayMs - 1 })],
    [{ kind: 'renew', id: 'one', pair }],
  ],
  ['expired but listed: renew', [existing({ expiresAtMs: nowMs - dayMs })], [{ kind: 'renew', id: 'one', pair }]],
  ['an expiry nobody can read: renew', [existing({ expiresAtMs: undefined })], [{ kind: 'renew', id: 'one', pair }]],
  [
    'another address and expiring: move, then renew',
    [existing({ callbackUrl: elsewhere, expiresAtMs: nowMs })],
    [
      { kind: 'move', id: 'one', pair },
      { kind: 'renew', id: 'one', pair },
    ],
  ],
  [
    'twice at our address: the one that lasts longer stays',
    [existing({ expiresAtMs: nowMs + 30 * dayMs }), existing({ id: 'two' })],
    [{ kind: 'remove', id: 'one', pair }],
  ],
  [
    'ours and somebody else\u2019s: theirs is left alone',
    [existing({ id: 'two', callbackUrl: elsewhere }), existing()],
    [],
  ],
  [
    'an event we no longer want, at our address: remove',
    [existing(), existing({ id: 'two', eventType: 'delete' })],
    [{ kind: 'remove', id: 'two', pair: { dataType: 'sleep', eventType: 'delete' } }],
  ],
  [
    'the same at another address: leave',
    [existing(), existing({ id: 'two', eventType: 'delete', callbackUrl: elsewhere })],
    [],
  ],
])('%s', (_name, found, actions) => {
  expect(decideSubscriptions(wanted, found, nowMs)).toEqual(actions);
});

test('every type Oura announces is wanted with every event', () => {
  expect(pairsOf(webhookDataTypes, ['create', 'update', 'delete'])).toHaveLength(51);
  expect(new Set(webhookDataTypes).size).toBe(17);
});

test.each<[string, number | undefined]>([
  ['2026-12-01T10:20:30.123456789', Date.parse('2026-12-01T10:20:30.123Z')],
  ['2026-12-01T10:20:30', Date.parse('2026-12-01T10:20:30Z')],
  ['2026-12-01T10:20:30.1Z', Date.parse('2026-12-01T10:20:30.100Z')],
  ['2026-12-01T10:20:30+02:00', Date.parse('2026-12-01T08:20:30Z')],
  ['soon', undefined],
  ['2026-13-01T10:20:30', undefined],
])('the expiry %s is read as UTC', (text, ms) => {
  expect(parseExpiry(text)).toBe(ms);
});
