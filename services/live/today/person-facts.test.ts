import { expect, test } from '@jest/globals';
import type { Alert } from '../../storage/alerts.ts';
import { connectionOf, shownAlerts } from './person-facts.ts';

const nowMs = Date.parse('2026-11-23T08:00:00Z');
const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  userId: 'anna',
  rule: 'readiness_low',
  state: 'firing',
  openedAtMs: nowMs - 1000,
  changedAtMs: nowMs - 1000,
  acknowledgedAtMs: null,
  snoozedUntilMs: null,
  transition: {
    id: `${id}/1`,
    user_id: 'anna',
    rule: 'readiness_low',
    title: 'Readiness is low',
    level: 'warning',
    state: 'firing',
    at: '2026-11-23T07:59:59Z',
    summary: 'Readiness is 52.',
  },
  ...more,
});

test('what was acknowledged or is snoozed is not in the way; a snooze that is over is', () => {
  const alerts = [
    alert('open'),
    alert('seen', { acknowledgedAtMs: nowMs - 5 }),
    alert('later', { snoozedUntilMs: nowMs + 1 }),
    alert('over', { snoozedUntilMs: nowMs }),
  ];
  expect(shownAlerts(alerts, nowMs).map(({ id }) => id)).toEqual(['open', 'over']);
});

test('resources whose permission was not given are named', () => {
  const grant = {
    userId: 'anna',
    state: 'active' as const,
    scopes: ['daily', 'heartrate'],
    tokenUrl: 'https://oura.example/token',
  };
  const { missing } = connectionOf({ ...grant, generation: 1, expiresAtMs: 0, issuedAtMs: 0 });
  expect(missing).toContain('workout');
  expect(missing).not.toContain('sleep');
  expect(missing).not.toContain('personal_info');
  expect(connectionOf(undefined)).toEqual({ state: 'none', missing: [] });
});
