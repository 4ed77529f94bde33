import { expect, test } from '@jest/globals';
import { dayOfIso, isoDay } from '../local-time.ts';
import { AFTER_ALL, documentsOf, FIRST_DAY, lifeWith, ringWith } from '../testing/life.ts';
import { usualTraps } from '../traps.ts';
import { chargesBetween } from './battery.ts';
import { type OuraDocument, resources } from './document-history.ts';
import { createRing } from './ring.ts';
import { sessionOf } from './sessions.ts';
import { sleepPeriods, unwornPeriod } from './sleep-plan.ts';
import { workoutsOf } from './workout-plan.ts';

const DAY_MS = 86_400_000;
const bytesOf = (ring: ReturnType<typeof ringWith>, from: string, to: string): string =>
  JSON.stringify(resources.map((resource) => documentsOf(ring, resource, from, to)));

test('the same seed gives the same bytes, whatever was asked before', () => {
  const ahead = ringWith(usualTraps);
  const back = ringWith(usualTraps);
  documentsOf(back, 'sleep', '2026-08-01', '2026-10-01');
  expect(bytesOf(back, '2026-05-10', '2026-05-20')).toBe(bytesOf(ahead, '2026-05-10', '2026-05-20'));
  expect(bytesOf(ringWith(usualTraps, {}, 6), '2026-05-10', '2026-05-20')).not.toBe(
    bytesOf(ahead, '2026-05-10', '2026-05-20'),
  );
});

test('a trap that is switched off changes no day on which it did not happen', () => {
  const [on, off] = [ringWith({ naps: true }), ringWith()];
  const napDays = new Set(on.occurrences('naps', AFTER_ALL));
  expect(napDays.size).toBeGreaterThan(50);
  for (const document of documentsOf(on, 'daily_sleep', '2026-02-01', '2026-03-01')) {
    if (napDays.has(String(document.day))) continue;
    const [same] = documentsOf(off, 'daily_sleep', String(document.day), String(document.day));
    expect(same).toEqual(document);
  }
});

test('every document is found by its id, and by nobody else', () => {
  const ring = ringWith(usualTraps);
  const other = ringWith(usualTraps, { ouraUserId: 'somebody-else' });
  for (const resource of resources) {
    for (const document of documentsOf(ring, resource, '2026-04-01', '2026-04-20')) {
      expect(ring.find(resource, document.id, AFTER_ALL)).toEqual(document);
      expect(other.find(resource, document.id, AFTER_ALL)).toBeNull();
    }
  }
});

test('a night adds up: deep, light and REM are the sleep, with the wake time they are the time in bed', () => {
  for (const sleep of documentsOf(ringWith(usualTraps), 'sleep', '2026-01-10', '2026-04-30')) {
    const read = (field: string): number => Number(sleep[field]);
    expect(read('deep_sleep_duration') + read('light_sleep_duration') + read('rem_sleep_duration')).toBe(
      read('total_sleep_duration'),
    );
    expect(read('total_sleep_duration') + read('awake_time')).toBe(read('time_in_bed'));
    expect(String(sleep.sleep_phase_30_sec)).toHaveLength(read('time_in_bed') / 30);
    expect(String(sleep.movement_30_sec)).toHaveLength(read('time_in_bed') / 30);
    const [start, end] = [Date.parse(String(sleep.bedtime_start)), Date.parse(String(sleep.bedtime_end))];
    expect((end - start) / 1000).toBe(read('time_in_bed'));
  }
});

test('periods of sleep never overlap, the day of a night is the day it ends', () => {
  const sleeps = documentsOf(ringWith({ ...usualTraps, bedtimeEdits: false }), 'sleep', '2026-01-10', '2026-07-20');
  const spans = sleeps
    .map((sleep) => ({ from: Date.parse(String(sleep.bedtime_start)), to: Date.parse(String(sleep.bedtime_end)) }))
    .sort((a, b) => a.from - b.from);
  expect(spans.filter((span, index) => span.from < (spans[index - 1]?.to ?? 0))).toEqual([]);
  for (const night of sleeps.filter(({ type }) => type === 'long_sleep')) {
    expect(String(night.bedtime_end).slice(0, 10)).toBe(night.day);
  }
});

test('an activity document sums its own series, and its minutes are those of the day', () => {
  for (const activity of documentsOf(ringWith(usualTraps), 'daily_activity', '2026-03-20', '2026-04-20')) {
    const read = (field: string): number => Number(activity[field]);
    const { met } = activity as OuraDocument & { met: { items: number[] } };
    const seconds = [
      'non_wear_time',
      'resting_time',
      'sedentary_time',
      'low_activity_time',
      'medium_activity_time',
      'high_activity_time',
    ];
    expect(seconds.reduce((sum, field) => sum + read(field), 0)).toBe(met.items.length * 60);
    expect(String(activity.class_5_min)).toHaveLength(met.items.length / 5);
    expect(read('average_met_minutes')).toBeCloseTo(
      met.items.reduce((sum, item) => sum + item, 0) / met.items.length,
      3,
    );
  }
});

test('the activity of the afternoon is the beginning of that of the evening', () => {
  const ring = ringWith();
  const [day, at] = [dayOfIso('2026-05-12'), (hour: number) => Date.parse(`2026-05-12T${hour}:00:00Z`)];
  const [noon] = ring.documentsOfDay('daily_activity', day, at(12));
  const [evening] = ring.documentsOfDay('daily_activity', day, at(19));
  expect(noon?.id).toBe(evening?.id);
  expect(String(evening?.class_5_min).startsWith(String(noon?.class_5_min))).toBe(true);
  expect(Number(evening?.steps)).toBeGreaterThan(Number(noon?.steps));
});

test('battery levels of consecutive windows miss none, wherever on earth the ring is', () => {
  for (const timeZone of ['Pacific/Auckland', 'America/Los_Angeles']) {
    const ring = ringWith(usualTraps, { timeZone });
    const [from, to] = [Date.parse('2026-05-10T00:00:00Z'), Date.parse('2026-05-13T00:00:00Z')];
    const pieces: unknown[] = [];
    for (let at = from; at < to; at += 3_600_000)
      pieces.push(...ring.rows('ring_battery_level', at, at + 3_600_000, AFTER_ALL));
    expect(pieces).toEqual([...ring.rows('ring_battery_level', from, to, AFTER_ALL)]);
  }
});

test('heart rates asleep are those of the night document, and rows of consecutive windows neither overlap nor miss any', () => {
  const ring = ringWith(usualTraps);
  const [from, to] = [Date.parse('2026-05-10T00:00:00Z'), Date.parse('2026-05-13T00:00:00Z')];
  const whole = [...ring.rows('heartrate', from, to, AFTER_ALL)];
  const pieces: unknown[] = [];
  for (let at = from; at < to; at += 5 * 3_600_000)
    pieces.push(...ring.rows('heartrate', at, Math.min(to, at + 5 * 3_600_000), AFTER_ALL));
  expect(pieces).toEqual(whole);
  const [night] = documentsOf(ring, 'sleep', '2026-05-12', '2026-05-12').filter(({ type }) => type === 'long_sleep');
  const { heart_rate } = night as OuraDocument & { heart_rate: { items: (number | null)[]; timestamp: string } };
  const items = new Map(heart_rate.items.map((bpm, step) => [Date.parse(heart_rate.timestamp) + step * 300_000, bpm]));
  const asleep = whole.filter(({ source, timestamp_unix }) => source === 'sleep' && items.has(timestamp_unix));
  expect(asleep.length).toBeGreaterThan(40);
  for (const row of asleep) expect(row.bpm).toBe(items.get(row.timestamp_unix));
});

test('nothing is in the cloud before a sync brought it', () => {
  const ring = ringWith();
  for (const minute of [0, 7, 100, 333, 600, 900]) {
    const atMs = Date.parse('2026-06-10T05:00:00Z') + minute * 60_000;
    for (const row of ring.rows('heartrate', atMs - DAY_MS, atMs + DAY_MS, atMs))
      expect(row.timestamp_unix).toBeLessThanOrEqual(atMs);
    for (const sleep of documentsOf(ring, 'sleep', '2026-06-09', '2026-06-12', atMs)) {
      expect(Date.parse(String(sleep.bedtime_end))).toBeLessThan(atMs);
    }
  }
});

test('the changes of months, replayed, give exactly what the cloud has at the end', () => {
  const ring = ringWith(usualTraps);
  const [fromMs, toMs] = [(FIRST_DAY - 1) * DAY_MS, Date.parse('2026-03-01T12:00:00Z')];
  const alive = new Set<string>();
  const wrong: string[] = [];
  const changes = ring.changes(fromMs, toMs).sort((a, b) => a.atMs - b.atMs);
  for (const { resource, id, operation } of changes) {
    const key = `${resource}|${id}`;
    if (alive.has(key) === (operation === 'create') && resource !== 'ring_configuration')
      wrong.push(`${operation} ${key}`);
    if (operation === 'delete') alive.delete(key);
    else alive.add(key);
  }
  expect(wrong).toEqual([]);
  const listed = resources
    .filter((resource) => resource !== 'ring_configuration')
    .flatMap((resource) =>
      documentsOf(ring, resource, '2026-01-01', '2026-03-02', toMs).map(({ id }) => `${resource}|${id}`),
    );
  expect([...alive].filter((key) => !key.startsWith('ring_configuration')).sort()).toEqual(listed.sort());
});

test('changes of consecutive spans are those of the whole', () => {
  const ring = ringWith(usualTraps);
  const [from, to] = [Date.parse('2026-05-01T00:00:00Z'), Date.parse('2026-05-20T00:00:00Z')];
  const key = ({ atMs, id, operation }: { atMs: number; id: string; operation: string }): string =>
    `${atMs} ${id} ${operation}`;
  const pieces: string[] = [];
  for (let at = from; at < to; at += 7 * 3_600_000)
    pieces.push(...ring.changes(at, Math.min(to, at + 7 * 3_600_000)).map(key));
  expect(pieces.sort()).toEqual(ring.changes(from, to).map(key).sort());
});

test('a feverish day scores lower than the days before it', () => {
  const ring = ringWith({ restMode: true });
  const [ill] = ring.occurrences('restMode', AFTER_ALL).filter((day) => day > '2026-02-01');
  if (ill === undefined) throw new Error('nobody was ill all year');
  const worst = isoDay(dayOfIso(ill) + 1);
  const before = documentsOf(ring, 'daily_readiness', isoDay(dayOfIso(ill) - 20), isoDay(dayOfIso(ill) - 1));
  const usual = before.reduce((sum, { score }) => sum + Number(score), 0) / before.length;
  const [readiness] = documentsOf(ring, 'daily_readiness', worst, worst);
  expect(Number(readiness?.score)).toBeLessThan(usual - 12);
  expect(Number(readiness?.temperature_deviation)).toBeGreaterThan(0.8);
});

test('whoever wears it, wherever: nothing is slept, trained or charged at the same time, and every version can be made', () => {
  const zones = [
    'Pacific/Auckland',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Tokyo',
    'America/Los_Angeles',
    'UTC',
  ];
  const wrong: string[] = [];
  for (const [index, timeZone] of zones.entries()) {
    const chronotype = (['early', 'middle', 'late'] as const)[index % 3] ?? 'late';
    const life = lifeWith(usualTraps, { timeZone, chronotype }, 100 + index);
    const [from, to] = [FIRST_DAY + 40, FIRST_DAY + 90];
    const spans: { startMs: number; endMs: number }[] = chargesBetween(life, from * DAY_MS, to * DAY_MS).filter(
      (charge) => ![0, 1].some((later) => unwornPeriod(life, Math.floor(charge.startMs / DAY_MS) + later) !== null),
    );
    for (let day = from; day < to; day += 1) {
      const session = sessionOf(life, day);
      spans.push(...sleepPeriods(life, day), ...workoutsOf(life, day), ...(session === null ? [] : [session]));
    }
    spans.sort((a, b) => a.startMs - b.startMs);
    for (const [at, span] of spans.entries()) {
      if (span.startMs < (spans[at - 1]?.endMs ?? 0))
        wrong.push(`${timeZone} ${new Date(span.startMs).toISOString()} overlaps`);
    }
    const ring = createRing(life, FIRST_DAY);
    for (const { resource, id, atMs, operation } of ring.changes(from * DAY_MS, to * DAY_MS)) {
      if (resource === 'daily_activity' || resource === 'daily_stress') continue;
      if ((ring.find(resource, id, atMs) === null) !== (operation === 'delete'))
        wrong.push(`${timeZone} ${resource} ${id}`);
    }
  }
  expect(wrong).toEqual([]);
});
