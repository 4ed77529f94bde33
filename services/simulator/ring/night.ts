// What the ring measures during one period of sleep: stages, movement, heart rate, HRV and breathing, whole. An in-progress or
// edited night is a cut of the same measurements (`cutNight`), so that a completed night agrees with what was published before.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import type { Random } from '../prng.ts';
import { dayState } from './day-state.ts';
import { type Hypnogram, makeHypnogram } from './hypnogram.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import type { SleepPeriod } from './sleep-plan.ts';

const { ceil, exp, max, min, round } = Math;

export interface Night {
  startMs: number;
  /** Length in steps of 30 s. */
  halfMinutes: number;
  stages: Hypnogram;
  /** One digit per 30 s: 1 none, 2 restless, 3 tossing, 4 active. */
  movement: string;
  /** One item per 5 min. */
  heartRateBpm: (number | null)[];
  rmssdMs: (number | null)[];
  breathsPerMinute: number;
}

const movementWhenAsleep = [0.9, 0.092, 0.007, 0.001] as const;
const movementWhenAwake = [0.56, 0.3, 0.12, 0.02] as const;

const moveThrough = (draw: Random, fine: string): string => {
  let text = '';
  for (const stage of fine) text += draw.weighted(stage === '4' ? movementWhenAwake : movementWhenAsleep) + 1;
  return text;
};

const stageBpm: Record<string, number> = { 1: -1.2, 2: 0, 3: 2.2, 4: 6 };
const stageHrv: Record<string, number> = { 1: 0.96, 2: 1.04, 3: 0.94, 4: 0.85 };

/** Bpm above the night's floor after `part` (0 … 1) of it: falls to its lowest at two thirds, then rises a little. */
const nightCurve = (part: number): number => 9 * exp(-part * 5) + 1.5 + 7 * max(0, part - 0.66) ** 1.5;

function beat(life: Life, period: SleepPeriod, draw: Random, coarse: string): Pick<Night, 'heartRateBpm' | 'rmssdMs'> {
  const state = dayState(life, period.day);
  const isNight = period.kind === 'main' || period.kind === 'second-half';
  const floor = life.person.restingHeartRateBpm + state.heartRateShiftBpm + (isNight ? 0 : 7);
  const hrv = life.person.hrvMs * state.hrvFactor * (isNight ? 1 : 0.85);
  const heartRateBpm: (number | null)[] = [];
  const rmssdMs: (number | null)[] = [];
  let drift = 0;
  for (const [index, stage] of [...coarse].entries()) {
    const part = index / max(1, coarse.length - 1);
    drift = drift * 0.7 + draw.normal(0, 0.9);
    const isLost = draw.chance(index === 0 ? 0.7 : stage === '4' ? 0.3 : 0.02);
    const bpm = floor + nightCurve(isNight ? part : 0.5) + (stageBpm[stage] ?? 0) + drift;
    const rmssd = hrv * (stageHrv[stage] ?? 1) * (0.85 + 0.3 * part) * exp(draw.normal(0, 0.16) - drift * 0.04);
    heartRateBpm.push(isLost ? null : round(bpm));
    rmssdMs.push(isLost ? null : max(5, round(rmssd)));
  }
  return { heartRateBpm, rmssdMs };
}

const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<Night>>>(() => createBoundedCache(96));

export const measureNight = (life: Life, period: SleepPeriod): Night =>
  caches(life).get(`${period.day}|${period.kind}`, () => {
    const draw = drawFor(life, 'measure', period.day, period.ordinal);
    const halfMinutes = round((period.endMs - period.startMs) / 30_000);
    const isPoor = period.kind === 'odd-nap' && occursOn(life, 'poorNaps', period.day);
    const stages = isPoor ? poorStages(draw, halfMinutes) : makeHypnogram(draw, halfMinutes);
    return {
      startMs: period.startMs,
      halfMinutes,
      stages,
      movement: moveThrough(draw, stages.fine),
      ...beat(life, period, draw, stages.coarse),
      breathsPerMinute: round((life.person.breathsPerMinute + draw.normal(0, 0.35)) * 8) / 8,
    };
  });

/** Asleep at once (latency 0), then awake nearly all the time: efficiency 6 to 24 %. */
function poorStages(draw: Random, halfMinutes: number): Hypnogram {
  const asleep = max(5, round(halfMinutes * draw.uniform(0.07, 0.23)));
  const fine = '2'.repeat(asleep) + '4'.repeat(halfMinutes - asleep);
  let coarse = '';
  for (let at = 0; at < halfMinutes; at += 10) coarse += fine.charAt(at);
  return { fine, coarse };
}

/** The same measurements from one step of 5 min to one of 30 s; what lies outside is gone. */
export function cutNight(night: Night, fromStep: number, toHalfMinute: number): Night {
  const from = fromStep * 10;
  const to = min(night.halfMinutes, toHalfMinute);
  const lastStep = ceil(to / 10);
  return {
    startMs: night.startMs + from * 30_000,
    halfMinutes: to - from,
    stages: { fine: night.stages.fine.slice(from, to), coarse: night.stages.coarse.slice(fromStep, lastStep) },
    movement: night.movement.slice(from, to),
    heartRateBpm: night.heartRateBpm.slice(fromStep, lastStep),
    rmssdMs: night.rmssdMs.slice(fromStep, lastStep),
    breathsPerMinute: night.breathsPerMinute,
  };
}
