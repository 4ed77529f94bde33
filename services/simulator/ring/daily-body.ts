// The daily documents that follow once from a completed night: blood oxygen, resilience, cardiovascular age, the suggested
// bedtime, and now and then an estimate of VO2 max. They have no timestamp (but VO2 max): `day` is all they know of time.

import { isoDay, utcOffsetS } from '../local-time.ts';
import { uniformOf } from '../prng.ts';
import { dayState } from './day-state.ts';
import type { DocumentHistory, OuraDocument, Resource } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { instantOf, localText, zoneAtInstant } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { publishedMs } from './sleep-history.ts';
import { isWorn, wakeMs } from './sleep-plan.ts';

const tenth = (value: number): number => Math.round(value * 10) / 10;
const percent = (value: number): number => Math.max(0, Math.min(100, tenth(value)));
const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

function spo2(life: Life, day: number, id: string): OuraDocument {
  const draw = drawFor(life, 'spo2', day);
  const { illness } = dayState(life, day);
  const average = clamp(draw.normal(97, 0.6) - illness * 1.8, 88, 99.6);
  const isUnknown = occursOn(life, 'nullSpo2', day);
  return {
    id,
    breathing_disturbance_index: isUnknown
      ? null
      : clamp(Math.round(Math.abs(draw.normal(4, 4)) + illness * 5), 0, 100),
    day: isoDay(day),
    spo2_percentage: isUnknown ? null : { average: Math.round(average * 1000) / 1000 },
  };
}

const levels = ['limited', 'adequate', 'solid', 'strong', 'exceptional'] as const;

function resilience(life: Life, day: number, id: string): OuraDocument {
  const draw = drawFor(life, 'resilience', day);
  const { recovery, load } = dayState(life, day);
  const sleepRecovery = percent(66 + recovery * 10 + draw.normal(0, 4));
  const daytimeRecovery = percent(52 + recovery * 8 - load * 5 + draw.normal(0, 5));
  const stress = percent(60 - load * 9 + draw.normal(0, 5));
  const level = levels[clamp(Math.floor((sleepRecovery + daytimeRecovery + stress) / 3 / 22), 0, 4)] ?? 'solid';
  return {
    id,
    day: isoDay(day),
    contributors: { sleep_recovery: sleepRecovery, daytime_recovery: daytimeRecovery, stress },
    level,
  };
}

function cardiovascularAge(life: Life, day: number, id: string): OuraDocument {
  const offset = (uniformOf(life.seed, life.person.ouraUserId, 'vascular') - 0.5) * 14;
  const age = clamp(life.person.age + offset + dayState(life, day).illness * 2, 18, 100);
  return {
    id,
    day: isoDay(day),
    pulse_wave_velocity: Math.round((4.6 + age * 0.055) * 100) / 100,
    vascular_age: Math.round(age),
  };
}

const advice = [
  { status: 'optimal_found', recommendation: 'follow_optimal_bedtime' },
  { status: 'only_recommended_found', recommendation: 'earlier_bedtime' },
  { status: 'bad_sleep_quality', recommendation: 'improve_efficiency' },
  { status: 'not_enough_recent_nights', recommendation: null },
] as const;

function sleepTime(life: Life, day: number, id: string): OuraDocument {
  const draw = drawFor(life, 'sleep-time', day);
  const { status, recommendation } = advice[draw.weighted([0.7, 0.16, 0.09, 0.05])] ?? advice[0];
  const eveningMs = instantOf(life, day, 12 * 60);
  const middleS = (life.person.bedtimeMinutes - 1440) * 60;
  const window = {
    day_tz: utcOffsetS(zoneAtInstant(life, eveningMs), eveningMs),
    end_offset: middleS + 1800,
    start_offset: middleS - 1800,
  };
  return { id, day: isoDay(day), optimal_bedtime: recommendation === null ? null : window, recommendation, status };
}

function vo2Max(life: Life, day: number, id: string): OuraDocument {
  const draw = drawFor(life, 'vo2', day);
  const fitness = 52 - (life.person.restingHeartRateBpm - 50) * 0.7 - (life.person.age - 35) * 0.25;
  return {
    id,
    day: isoDay(day),
    timestamp: localText(life, instantOf(life, day, 9 * 60)),
    vo2_max: Math.round(clamp(fitness + draw.normal(0, 0.6), 20, 70)),
  };
}

type Maker = (life: Life, day: number, id: string) => OuraDocument;
const makers: readonly [Resource, Maker, everyDays: number][] = [
  ['daily_spo2', spo2, 1],
  ['daily_resilience', resilience, 1],
  ['daily_cardiovascular_age', cardiovascularAge, 1],
  ['sleep_time', sleepTime, 1],
  ['vO2_max', vo2Max, 6],
];

const canBeEmpty: readonly Resource[] = ['vO2_max', 'daily_resilience', 'daily_cardiovascular_age'];

/** The resource this person never has anything of. */
export const emptyResource = (life: Life): Resource | null =>
  life.traps.emptyResources
    ? (canBeEmpty[Math.floor(uniformOf(life.seed, life.person.ouraUserId, 'empty') * canBeEmpty.length)] ?? null)
    : null;

export function dailyBodyHistories(life: Life, day: number): DocumentHistory[] {
  if (!isWorn(life, day)) return [];
  const empty = emptyResource(life);
  return makers
    .filter(([resource, , every]) => resource !== empty && day % every === 0)
    .map(([resource, make]) => {
      const id = documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource }, day, 0);
      const atMs = publishedMs(life, wakeMs(life, day), 'app', resource) + 8000;
      return { resource, id, versions: [{ atMs, body: () => make(life, day, id) }] };
    });
}
