// Whatever the log does to the updates of one person (again, out of order, from the beginning), no transition is raised twice, and what an alert says alternates.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AlertRule, alertRulesFile } from '../../../schemas/alert-rules.ts';
import type { RuleState } from '../../../schemas/alert-state.ts';
import type { AlertTransition } from '../../../schemas/alert-transition.ts';
import { battery, readiness, sleep } from '../../../test/support/alert-messages.ts';
import { type AlertInput, decideAlert } from './decide-alert.ts';

const shipped = readFileSync(join(import.meta.dirname, '..', 'default-rules.json'), 'utf8');
const rules = alertRulesFile.parse(JSON.parse(shipped)).rules;
const hourMs = 3_600_000;
const startMs = Date.parse('2026-11-01T00:00:00Z');
const settings = { maxAgeMs: 36 * hourMs, settleMs: hourMs / 2, offsetMinutes: 0 };

const iso = (ms: number) => new Date(ms).toISOString();
const via = fc.constantFrom('webhook', 'webhook', 'webhook', 'poll', 'backfill', 'import');
const document = fc.record({
  kind: fc.constantFrom('readiness', 'sleep', 'battery'),
  day: fc.integer({ min: 0, max: 9 }),
  version: fc.integer({ min: 1, max: 5 }),
  value: fc.integer({ min: 0, max: 100 }),
  delayH: fc.integer({ min: 0, max: 40 }),
  deleted: fc.constantFrom(false, false, false, true),
  via,
});
type Document = typeof document extends fc.Arbitrary<infer Value> ? Value : never;

function messageOf({ kind, day, version, value, delayH, deleted, via }: Document) {
  const dayMs = startMs + day * 24 * hourMs;
  const date = iso(dayMs).slice(0, 10);
  const known = { version, via, known_at: iso(dayMs + (7 + delayH) * hourMs) };
  const changes = deleted ? { ...known, deleted, points: [] } : known;
  if (kind === 'readiness') return readiness(date, value, changes);
  if (kind === 'battery') return battery(iso(dayMs + (day % 5) * hourMs).slice(0, 13), [value, 100 - value], changes);
  const from = iso(dayMs);
  const type = value % 3 === 0 ? 'late_nap' : 'long_sleep';
  return sleep(
    { id: `s${day}-${value % 2}`, day: date, from, to: iso(dayMs + 7 * hourMs), hours: value / 10, type },
    changes,
  );
}

const step = fc.oneof(
  { weight: 4, arbitrary: document.map((d): AlertInput => ({ kind: 'metrics', message: messageOf(d) })) },
  { weight: 1, arbitrary: fc.constant<AlertInput>({ kind: 'tick', canMiss: true }) },
);

function live(rule: AlertRule, inputs: readonly AlertInput[]): AlertTransition[] {
  let state: RuleState | undefined;
  let nowMs = startMs + 25 * 24 * hourMs;
  const raised: AlertTransition[] = [];
  for (const input of inputs) {
    nowMs += hourMs;
    const answer = decideAlert({ rule, userId: 'anna', state, input, settings, nowMs });
    state = answer.state;
    raised.push(...answer.transitions.map(({ transition }) => transition));
  }
  return raised;
}

/** The same updates, each possibly several times and in any order. */
const shaken = fc
  .array(step, { minLength: 1, maxLength: 40 })
  .chain((inputs) => fc.array(fc.constantFrom(...inputs), { minLength: 1, maxLength: 120 }));

test.each(rules.map((rule) => [rule.id, rule] as const))('%s raises no transition twice', (_id, rule) => {
  fc.assert(
    fc.property(shaken, (inputs) => {
      const raised = live(rule, inputs);
      const ids = raised.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const lastByAlert = new Map<string, number>();
      for (const { alert = '', number = 0, state } of raised) {
        expect(number).toBe((lastByAlert.get(alert) ?? 0) + 1);
        expect(state).toBe(number % 2 === 1 ? 'firing' : 'resolved');
        lastByAlert.set(alert, number);
      }
      const open = [...lastByAlert.values()].filter((number) => number % 2 === 1);
      expect(open.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

test('reading everything a second time from the beginning raises nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (inputs) => {
      const rule = rules.find(({ id }) => id === 'readiness_low');
      if (!rule) throw new Error('no such rule');
      const once = live(rule, inputs);
      const twice = live(rule, [...inputs, ...inputs]);
      expect(twice.map(({ id }) => id)).toEqual(once.map(({ id }) => id));
    }),
    { numRuns: 300 },
  );
});

test('what the property looks at does happen: some runs fire and resolve', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(shaken, (inputs) => {
      for (const rule of rules) for (const { state } of live(rule, inputs)) seen.add(`${rule.id} ${state}`);
    }),
    { numRuns: 200, seed: 1 },
  );
  const common = ['readiness_low', 'nothing_new'].flatMap((id) => [`${id} firing`, `${id} resolved`]);
  expect([...seen]).toEqual(expect.arrayContaining([...common, 'sleep_short firing', 'ring_battery_low firing']));
});
