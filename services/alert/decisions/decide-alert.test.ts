import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type AlertRule, alertRulesFile } from '../../../schemas/alert-rules.ts';
import type { RuleState } from '../../../schemas/alert-state.ts';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { battery, readiness, type Slept, sleep } from '../../../test/support/alert-messages.ts';
import { type AlertInput, decideAlert } from './decide-alert.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const shipped = readFileSync(join(import.meta.dirname, '..', 'default-rules.json'), 'utf8');
const rules = alertRulesFile.parse(JSON.parse(shipped)).rules;
const settings = { maxAgeMs: 36 * hourMs, settleMs: 30 * minuteMs, offsetMinutes: 60 };

function ruleOf(id: string, changes: object = {}): AlertRule {
  const [rule] = alertRulesFile.parse({
    version: 1,
    quiet_hours: false,
    rules: [{ ...rules.find((r) => r.id === id), ...changes }],
  }).rules;
  if (!rule) throw new Error(`no rule ${id}`);
  return rule;
}

/** Lets one person live through messages and ticks, and tells what is raised. */
function watch(rule: AlertRule) {
  let state: RuleState | undefined;
  const ask = (input: AlertInput, nowMs: number) => {
    const answer = decideAlert({ rule, userId: 'anna', state, input, settings, nowMs });
    state = answer.state;
    return answer;
  };
  const told = ({ transitions }: ReturnType<typeof ask>) =>
    transitions.map(({ transition }) => `${transition.state} ${transition.subject} ${transition.number}`);
  return {
    /** Arrives a minute after it was known, unless told otherwise. */
    takes: (message: MetricsMessage, at?: string) =>
      told(ask({ kind: 'metrics', message }, at ? Date.parse(at) : Date.parse(message.known_at) + minuteMs)),
    ticks: (at: string, canMiss = true) => told(ask({ kind: 'tick', canMiss }, Date.parse(at))),
    answers: (message: MetricsMessage, at: string) => ask({ kind: 'metrics', message }, Date.parse(at)),
    dueAt: (at: string) => ask({ kind: 'tick', canMiss: true }, Date.parse(at)).dueAtMs,
    changeRule(changes: object) {
      rule = ruleOf(rule.id, changes);
    },
    state: () => state,
  };
}

describe('a daily score', () => {
  test('fires once, stays quiet while it is low, and resolves when it is back', () => {
    const anna = watch(ruleOf('readiness_low'));
    expect(anna.takes(readiness('2026-11-20', 71))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 55))).toEqual(['firing 2026-11-21 1']);
    expect(anna.takes(readiness('2026-11-22', 52))).toEqual([]);
    expect(anna.takes(readiness('2026-11-23', 66))).toEqual(['resolved 2026-11-21 2']);
    expect(anna.takes(readiness('2026-11-24', 58))).toEqual(['firing 2026-11-24 1']);
  });

  test('between threshold and clear nothing changes', () => {
    const anna = watch(ruleOf('readiness_low'));
    expect(anna.takes(readiness('2026-11-20', 62))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 59))).toEqual(['firing 2026-11-21 1']);
    expect(anna.takes(readiness('2026-11-22', 64))).toEqual([]);
    expect(anna.takes(readiness('2026-11-23', 65))).toEqual(['resolved 2026-11-21 2']);
  });

  test('the threshold itself does not breach', () => {
    expect(watch(ruleOf('readiness_low')).takes(readiness('2026-11-21', 60))).toEqual([]);
    expect(watch(ruleOf('readiness_low', { comparison: '<=' })).takes(readiness('2026-11-21', 60))).toHaveLength(1);
  });

  test('a correction can resolve, and a further one fire again with the next number', () => {
    const anna = watch(ruleOf('readiness_low'));
    expect(anna.takes(readiness('2026-11-21', 55))).toEqual(['firing 2026-11-21 1']);
    expect(anna.takes(readiness('2026-11-21', 70, { version: 2 }))).toEqual(['resolved 2026-11-21 2']);
    expect(anna.takes(readiness('2026-11-21', 58, { version: 3 }))).toEqual(['firing 2026-11-21 3']);
  });

  test('a redelivered or older version says nothing', () => {
    const anna = watch(ruleOf('readiness_low'));
    anna.takes(readiness('2026-11-21', 55));
    anna.takes(readiness('2026-11-21', 70, { version: 2 }));
    expect(anna.takes(readiness('2026-11-21', 55))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 70, { version: 2 }))).toEqual([]);
  });

  test('a deletion withdraws the value and is no zero', () => {
    const high = watch(ruleOf('readiness_low'));
    high.takes(readiness('2026-11-21', 80));
    expect(high.takes(readiness('2026-11-21', null, { version: 2, deleted: true }))).toEqual([]);
    const low = watch(ruleOf('readiness_low'));
    low.takes(readiness('2026-11-20', 80));
    low.takes(readiness('2026-11-21', 55));
    const gone = readiness('2026-11-21', null, { version: 2, deleted: true, known_at: '2026-11-21T09:00:00Z' });
    const [raised] = low.answers(gone, '2026-11-21T09:00:05Z').transitions;
    expect(raised?.transition).toMatchObject({ state: 'resolved', number: 2, day: '2026-11-21' });
    expect(raised?.transition.value).toBeUndefined();
    expect(raised?.transition.summary).toMatch(/corrected or withdrawn/);
  });

  test('a deletion that is read before the version it deletes keeps that version out', () => {
    const anna = watch(ruleOf('readiness_low'));
    expect(anna.takes(readiness('2026-11-21', null, { version: 2, deleted: true }))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 40))).toEqual([]);
  });

  test('the correction of an older day does not touch what the newest day says', () => {
    const anna = watch(ruleOf('readiness_low'));
    anna.takes(readiness('2026-11-21', 55));
    anna.takes(readiness('2026-11-22', 50));
    expect(anna.takes(readiness('2026-11-21', 75, { version: 2 }))).toEqual([]);
    expect(anna.takes(readiness('2026-11-23', 80))).toEqual(['resolved 2026-11-21 2']);
  });

  test('two days that come together tell only where things stand', () => {
    const anna = watch(ruleOf('readiness_low'));
    const at = '2026-11-22T07:30:00Z';
    expect(anna.takes(readiness('2026-11-22', 80, { known_at: at }))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 40, { known_at: at }))).toEqual([]);
  });
});

describe('too old to fire', () => {
  // The day 2026-11-21 of a wearer at +01:00 ends at 23:00Z.
  test.each([
    ['2026-11-23T10:59:00Z', 1],
    ['2026-11-23T11:00:00Z', 0],
    ['2026-11-30T08:00:00Z', 0],
  ])('known at %s, a day that ended at 2026-11-21T23:00Z raises %d', (known_at, count) => {
    expect(watch(ruleOf('readiness_low')).takes(readiness('2026-11-21', 50, { known_at }))).toHaveLength(count);
  });

  test.each(['backfill', 'import'])('what a %s brings never fires, however fresh it is', (via) => {
    const anna = watch(ruleOf('readiness_low'));
    expect(anna.takes(readiness('2026-11-21', 50, { via }))).toEqual([]);
    expect(anna.takes(readiness('2026-11-22', 50))).toEqual(['firing 2026-11-22 1']);
  });

  test('a late re-scoring of a day that fires keeps it firing', () => {
    const anna = watch(ruleOf('readiness_low'));
    anna.takes(readiness('2026-11-21', 55));
    const late = readiness('2026-11-21', 54, { version: 2, known_at: '2026-11-24T08:00:00Z', via: 'poll' });
    expect(anna.takes(late)).toEqual([]);
    expect(anna.state()?.open).toMatchObject({ subject: '2026-11-21', number: 1 });
  });

  test('what is too old still resolves', () => {
    const anna = watch(ruleOf('readiness_low'));
    anna.takes(readiness('2026-11-20', 55));
    expect(anna.takes(readiness('2026-11-21', 80, { known_at: '2026-11-25T08:00:00Z' }))).toEqual([
      'resolved 2026-11-20 2',
    ]);
  });

  test('a replay of a long time later decides as it was decided then, and counts its lateness from then', () => {
    const anna = watch(ruleOf('readiness_low'));
    const message = readiness('2026-11-21', 50);
    const [raised] = anna.answers(message, '2027-05-01T00:00:00Z').transitions;
    expect(raised?.transition.id).toBe('anna:readiness_low:2026-11-21:1');
    expect(raised?.causeMs).toBe(Date.parse(message.known_at));
  });
});

describe('for', () => {
  test('days must follow each other', () => {
    const anna = watch(ruleOf('readiness_low', { for: { days: 3 } }));
    anna.takes(readiness('2026-11-17', 50));
    anna.takes(readiness('2026-11-18', 50));
    expect(anna.takes(readiness('2026-11-20', 50))).toEqual([]);
    expect(anna.takes(readiness('2026-11-21', 50))).toEqual([]);
    expect(anna.takes(readiness('2026-11-22', 50))).toEqual(['firing 2026-11-22 1']);
  });

  test('points in a row count across documents, and a good one between begins anew', () => {
    const anna = watch(ruleOf('ring_battery_low', { for: { points: 4 } }));
    expect(anna.takes(battery('2026-11-23T06', [14, 13, 40, 14]))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T07', [14, 13]))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T07', [14, 13, 13], { version: 2 }))).toEqual(['firing 20261123T070000Z 1']);
  });

  test('minutes are counted from the first low sample', () => {
    const anna = watch(ruleOf('ring_battery_low', { for: { minutes: 60 } }));
    expect(anna.takes(battery('2026-11-23T06', [20, 14, 13, 12, 12, 12]))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T07', [12, 11]))).toEqual(['firing 20261123T070000Z 1']);
  });
});

describe('samples of an hour', () => {
  test('the battery fires once though its hour is read again and again, and resolves at the charger', () => {
    const anna = watch(ruleOf('ring_battery_low'));
    expect(anna.takes(battery('2026-11-23T07', [16]))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T07', [16, 14], { version: 2 }))).toEqual(['firing 20261123T071000Z 1']);
    expect(anna.takes(battery('2026-11-23T07', [16, 14, 13], { version: 3 }))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T08', [20, 25]))).toEqual([]);
    expect(anna.takes(battery('2026-11-23T09', [31]))).toEqual(['resolved 20261123T071000Z 2']);
  });

  test('a battery that stays low for weeks is one alert, and what is remembered stays small', () => {
    const anna = watch(ruleOf('ring_battery_low'));
    const raised: string[] = [];
    for (let hour = 0; hour < 24 * 21; hour += 1) {
      const start = new Date(Date.parse('2026-11-01T00:00:00Z') + hour * hourMs).toISOString().slice(0, 13);
      raised.push(...anna.takes(battery(start, [10, 9, 10])));
    }
    expect(raised).toEqual(['firing 20261101T000000Z 1']);
    expect(JSON.stringify(anna.state()).length).toBeLessThan(20_000);
    const forgotten = battery('2026-11-02T00', [90], { version: 2 });
    expect(anna.answers(forgotten, '2026-11-22T00:00:00Z').reasons).toEqual(['before_window']);
    expect(anna.takes(battery('2026-11-22T00', [90]))).toEqual(['resolved 20261101T000000Z 2']);
  });
});

test('a battery that hovers above its threshold stays one alert when its low hour is forgotten', () => {
  const anna = watch(ruleOf('ring_battery_low'));
  expect(anna.takes(battery('2026-11-10T00', [10]))).toHaveLength(1);
  for (let day = 11; day < 20; day += 1) expect(anna.takes(battery(`2026-11-${day}T00`, [20]))).toEqual([]);
  expect(Object.keys(anna.state()?.documents ?? {}).join()).not.toContain('2026-11-10');
  expect(anna.takes(battery('2026-11-20T00', [10]))).toEqual([]);
  expect(anna.takes(battery('2026-11-21T00', [90]))).toEqual(['resolved 20261110T000000Z 2']);
});

describe('the sleep of a day', () => {
  const night: Slept = {
    id: 'n1',
    day: '2026-11-23',
    from: '2026-11-23T01:00:00+01:00',
    to: '2026-11-23T06:00:00+01:00',
    hours: 4.5,
  };
  const nap: Slept = {
    id: 'n2',
    day: '2026-11-23',
    from: '2026-11-23T13:00:00+01:00',
    to: '2026-11-23T14:00:00+01:00',
    hours: 0.8,
    type: 'late_nap',
  };

  test('is judged only half an hour after its last version, on the tick', () => {
    const anna = watch(ruleOf('sleep_short'));
    expect(anna.takes(sleep(night, { known_at: '2026-11-23T07:00:00Z' }))).toEqual([]);
    expect(anna.ticks('2026-11-23T07:29:00Z')).toEqual([]);
    expect(anna.takes(sleep({ ...night, hours: 4.6 }, { version: 2, known_at: '2026-11-23T07:20:00Z' }))).toEqual([]);
    expect(anna.ticks('2026-11-23T07:45:00Z')).toEqual([]);
    expect(anna.dueAt('2026-11-23T07:46:00Z')).toBe(Date.parse('2026-11-23T07:50:00Z'));
    expect(anna.ticks('2026-11-23T07:50:00Z')).toEqual(['firing 2026-11-23 1']);
    expect(anna.ticks('2026-11-23T08:00:00Z')).toEqual([]);
  });

  test('a night that lasts is never judged', () => {
    const anna = watch(ruleOf('sleep_short'));
    const unfinished = sleep({ ...night, to: undefined, hours: 1 }, { known_at: '2026-11-23T02:00:00Z' });
    expect(anna.takes(unfinished)).toEqual([]);
    expect(anna.ticks('2026-11-23T12:00:00Z')).toEqual([]);
  });

  test('naps alone are never judged; a nap after a short night can end the alert', () => {
    const anna = watch(ruleOf('sleep_short'));
    anna.takes(sleep(nap, { known_at: '2026-11-23T13:30:00Z' }));
    expect(anna.ticks('2026-11-23T14:30:00Z')).toEqual([]);
    const ben = watch(ruleOf('sleep_short'));
    ben.takes(sleep(night, { known_at: '2026-11-23T07:00:00Z' }));
    expect(ben.ticks('2026-11-23T08:00:00Z')).toEqual(['firing 2026-11-23 1']);
    ben.takes(sleep(nap, { known_at: '2026-11-23T13:30:00Z' }));
    expect(ben.ticks('2026-11-23T14:30:00Z')).toEqual(['resolved 2026-11-23 2']);
  });

  test('the parts of a split night are added, and one that is not settled keeps the day from firing', () => {
    const anna = watch(ruleOf('sleep_short'));
    const second = { ...night, id: 'n3', from: '2026-11-23T07:00:00+01:00', to: '2026-11-23T09:00:00+01:00', hours: 2 };
    anna.takes(sleep(night, { known_at: '2026-11-23T07:00:00Z' }));
    anna.takes(sleep(second, { known_at: '2026-11-23T07:20:00Z' }));
    expect(anna.ticks('2026-11-23T07:40:00Z')).toEqual([]);
    expect(anna.ticks('2026-11-23T08:30:00Z')).toEqual([]);
    expect(anna.state()?.open).toBeNull();
  });

  test('a re-scored night keeps its judgement until the new version has settled', () => {
    const anna = watch(ruleOf('sleep_short'));
    anna.takes(sleep(night, { known_at: '2026-11-23T07:00:00Z' }));
    anna.ticks('2026-11-23T08:00:00Z');
    expect(anna.takes(sleep({ ...night, hours: 6 }, { version: 2, known_at: '2026-11-23T09:00:00Z' }))).toEqual([]);
    expect(anna.ticks('2026-11-23T09:10:00Z')).toEqual([]);
    expect(anna.ticks('2026-11-23T09:40:00Z')).toEqual(['resolved 2026-11-23 2']);
  });

  test('a re-scored good night does not bring back the alert it ended', () => {
    const anna = watch(ruleOf('sleep_short'));
    anna.takes(sleep(night, { known_at: '2026-11-23T07:00:00Z' }));
    anna.ticks('2026-11-23T08:00:00Z');
    const next = { ...night, id: 'n9', day: '2026-11-24', hours: 8 };
    const window = { from: '2026-11-23T23:00:00+01:00', to: '2026-11-24T07:30:00+01:00' };
    anna.takes(sleep({ ...next, ...window }, { known_at: '2026-11-24T07:00:00Z' }));
    expect(anna.ticks('2026-11-24T08:00:00Z')).toEqual(['resolved 2026-11-23 2']);
    expect(
      anna.takes(sleep({ ...next, ...window, hours: 7.9 }, { version: 2, known_at: '2026-11-24T09:00:00Z' })),
    ).toEqual([]);
    expect(anna.ticks('2026-11-24T10:00:00Z')).toEqual([]);
  });

  test('versions read in one go after an outage are judged by the last of them', () => {
    const anna = watch(ruleOf('sleep_short'));
    const at = '2026-11-23T12:00:00Z';
    anna.takes(sleep({ ...night, hours: 3 }, { known_at: '2026-11-23T07:00:00Z' }), at);
    expect(anna.ticks(at)).toEqual([]);
    anna.takes(sleep({ ...night, hours: 7 }, { version: 2, known_at: '2026-11-23T07:10:00Z' }), at);
    expect(anna.ticks('2026-11-23T12:05:00Z')).toEqual([]);
  });
});

describe('absence', () => {
  const news = (at: string, changes = {}) => readiness('2026-11-20', 80, { known_at: at, ...changes });

  test('fires once after its hours, and the next live document resolves it', () => {
    const anna = watch(ruleOf('nothing_new'));
    anna.takes(news('2026-11-20T08:00:00Z'));
    expect(anna.dueAt('2026-11-20T09:00:00Z')).toBe(Date.parse('2026-11-21T20:00:00Z'));
    expect(anna.ticks('2026-11-21T19:59:00Z')).toEqual([]);
    expect(anna.ticks('2026-11-21T20:00:00Z')).toEqual(['firing 20261120T080000Z 1']);
    expect(anna.ticks('2026-11-22T20:00:00Z')).toEqual([]);
    expect(anna.takes(news('2026-11-20T07:00:00Z'))).toEqual([]);
    expect(anna.takes(news('2026-11-23T08:00:00Z'))).toEqual(['resolved 20261120T080000Z 2']);
  });

  test.each(['backfill', 'import'])('what a %s brings is no news', (via) => {
    const anna = watch(ruleOf('nothing_new'));
    anna.takes(news('2026-11-20T08:00:00Z', { via }));
    expect(anna.ticks('2026-11-25T08:00:00Z')).toEqual([]);
  });

  test('nobody is missed while the service itself was away, and it asks again', () => {
    const anna = watch(ruleOf('nothing_new'));
    anna.takes(news('2026-11-20T08:00:00Z'));
    expect(anna.ticks('2026-11-22T08:00:00Z', false)).toEqual([]);
    expect(anna.ticks('2026-11-22T08:10:00Z', true)).toEqual(['firing 20261120T080000Z 1']);
  });
});

test('a rule whose condition changed keeps the open alert until new data, and its numbers', () => {
  const anna = watch(ruleOf('readiness_low'));
  anna.takes(readiness('2026-11-21', 55));
  anna.changeRule({ threshold: 50, clear: 52 });
  expect(anna.takes(readiness('2026-11-22', 51))).toEqual([]);
  expect(anna.takes(readiness('2026-11-23', 55))).toEqual(['resolved 2026-11-21 2']);
});

test('other resources and other metrics do not concern a rule', () => {
  const anna = watch(ruleOf('readiness_low'));
  const other = battery('2026-11-21T07', [5]);
  expect(anna.answers(other, '2026-11-21T08:00:00Z').reasons).toEqual(['not_for_this_rule']);
});

test('what a document says about the future is not judged', () => {
  const anna = watch(ruleOf('readiness_low'));
  const strange = readiness('2036-01-01', 10, { known_at: '2026-11-21T07:00:00Z' });
  expect(anna.answers(strange, '2026-11-21T08:00:00Z').reasons).toEqual(['in_the_future']);
  expect(anna.takes(readiness('2026-11-21', 55))).toHaveLength(1);
});

test.each([
  ['readiness_low', readiness('2026-11-21', 55), 'Readiness is low: 55, below 60 on 2026-11-21.'],
  [
    'ring_battery_low',
    battery('2026-11-21T07', [12]),
    "The ring's battery is low: 12 %, below 15 % at 2026-11-21 08:00.",
  ],
])('%s speaks plainly: value with unit, limit and when', (id, message, summary) => {
  const [raised] = watch(ruleOf(id)).answers(message, '2026-11-21T08:00:00Z').transitions;
  expect(raised?.transition.summary).toBe(summary);
});

test('a night is told in hours and a temperature deviation with its sign', () => {
  const anna = watch(ruleOf('sleep_short'));
  anna.takes(
    sleep({
      id: 'n',
      day: '2026-11-23',
      from: '2026-11-23T01:00:00+01:00',
      to: '2026-11-23T06:00:00+01:00',
      hours: 4.25,
    }),
  );
  const state = anna.state();
  const answer = decideAlert({
    rule: ruleOf('sleep_short'),
    userId: 'anna',
    state,
    input: { kind: 'tick', canMiss: true },
    settings,
    nowMs: Date.parse('2026-11-23T08:30:00Z'),
  });
  expect(answer.transitions[0]?.transition.summary).toBe('Short sleep: 4 h 15 min, below 5 h on 2026-11-23.');
  const hot = readiness('2026-11-23', 1, {
    points: [
      {
        metric: 'skin_temperature_deviation',
        aggregation: 'daily_mean',
        unit: 'K',
        start: '2026-11-23',
        end: '2026-11-24',
        value: 1.31,
      },
    ],
  });
  const [raised] = watch(ruleOf('temperature_high')).answers(hot, '2026-11-23T08:00:00Z').transitions;
  expect(raised?.transition.summary).toBe('Skin temperature is above your usual: +1.31 °C, above +1 °C on 2026-11-23.');
});
