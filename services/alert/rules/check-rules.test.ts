import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkRules } from './check-rules.ts';

const shippedText = readFileSync(join(import.meta.dirname, '..', 'default-rules.json'), 'utf8');

const rule = {
  kind: 'metric',
  id: 'my_rule',
  title: 'Mine',
  reason: 'Because.',
  action: 'Look.',
  level: 'info',
  metric: 'score_readiness',
  comparison: '<',
  threshold: 60,
};
const problemsOf = (...rules: object[]): readonly string[] => {
  const checked = checkRules(JSON.stringify({ version: 1, quiet_hours: false, rules }));
  return checked.ok ? [] : checked.problems;
};

test('the shipped rules are usable, and each says why it is as it is', () => {
  const checked = checkRules(shippedText);
  if (!checked.ok) throw new Error(checked.problems.join('\n'));
  expect(checked.file.rules.map(({ id }) => id)).toEqual([
    'readiness_low',
    'sleep_short',
    'temperature_high',
    'oxygen_low',
    'ring_battery_low',
    'nothing_new',
  ]);
  for (const { reason, action } of checked.file.rules) {
    expect(reason.length).toBeGreaterThan(40);
    expect(action).toMatch(/\.$/);
  }
});

test.each([
  ['an unknown key', { ...rule, treshold: 60 }, /rule my_rule: .*treshold/],
  ['a missing threshold', { ...rule, threshold: undefined }, /rule my_rule, threshold/],
  ['an unknown level', { ...rule, level: 'loud' }, /rule my_rule, level/],
  ['an unknown channel', { ...rule, channels: ['pager'] }, /rule my_rule, channels\.0/],
  ['a clear limit on the wrong side', { ...rule, clear: 50 }, /clear: expected a value not below/],
  ['the same for above', { ...rule, comparison: '>', clear: 70 }, /clear: expected a value not above/],
  ['an unknown duration', { ...rule, for: { weeks: 1 } }, /for: expected one of/],
  [
    'a metric that is none',
    { ...rule, metric: 'score_happiness' },
    /no metric is named score_happiness; there are score_/,
  ],
  ['a source without that metric', { ...rule, resource: 'workout' }, /comes from daily_readiness/],
  ['a unit that does not fit', { ...rule, unit: 'h' }, /is in \{score\}: leave unit out/],
  ['sleep of the day from elsewhere', { ...rule, judge: 'sleep_of_day' }, /set resource to sleep/],
  ['an hour that is none', { ...rule, quiet_hours: { from: '25:00', to: '08:00' } }, /quiet_hours/],
])('%s is refused with its place', (_name, given, expected) => {
  expect(problemsOf(given).join('\n')).toMatch(expected);
});

test('all problems are told at once', () => {
  expect(problemsOf({ ...rule, level: 'loud' }, { ...rule, id: 'other', threshold: '60' })).toHaveLength(2);
  expect(problemsOf(rule, rule).join()).toMatch(/my_rule is the id of two rules/);
});

test('what is no JSON is said so', () => {
  expect(checkRules('{"version": 1,')).toMatchObject({ ok: false, problems: [expect.stringMatching(/not JSON/)] });
});
