// Rows of `heartrate` for one activity day: about every five minutes at rest and asleep, bursts of samples 1–5 s apart when awake,
// denser in a workout or session. The rows of a night are the items of its sleep document.

import { formatUtcSecond } from '../local-time.ts';
import type { Random } from '../prng.ts';
import { activitySeries } from './activity-series.ts';
import { dayState } from './day-state.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { measureNight } from './night.ts';
import { sessionOf } from './sessions.ts';
import { sleepPeriods } from './sleep-plan.ts';
import { workoutsOf } from './workout-plan.ts';

export type HeartRateSource = 'awake' | 'workout' | 'rest' | 'sleep' | 'live' | 'session';

interface Beat {
  atMs: number;
  bpm: number;
  source: HeartRateSource;
}

const STEP_MS = 300_000;

function asleepBeats(life: Life, day: number): Beat[] {
  const periods = [day, day + 1].flatMap((sleepDay) => sleepPeriods(life, sleepDay));
  return periods.flatMap((period) =>
    measureNight(life, period).heartRateBpm.flatMap((bpm, step): Beat[] => {
      const source = period.kind === 'main' || period.kind === 'second-half' ? 'sleep' : 'rest';
      return bpm === null ? [] : [{ atMs: period.startMs + step * STEP_MS, bpm, source }];
    }),
  );
}

const awakeBpm = (life: Life, draw: Random, met: number, shift: number): number =>
  Math.round(Math.min(188, life.person.restingHeartRateBpm + 13 + shift + (met - 1) * 13 + draw.normal(0, 4)));

/** A workout every 20–40 s, a session every half minute. */
function denseBeats(
  draw: Random,
  span: { startMs: number; endMs: number },
  source: HeartRateSource,
  bpm: () => number,
): Beat[] {
  const beats: Beat[] = [];
  for (let atMs = span.startMs; atMs < span.endMs; atMs += draw.integer(20, 40) * 1000)
    beats.push({ atMs, bpm: bpm(), source });
  return beats;
}

function burst(draw: Random, fromMs: number, length: number, isDoubled: boolean): number[] {
  const times: number[] = [];
  let atMs = fromMs + draw.integer(0, 240) * 1000;
  for (let i = 0; i < length; i += 1) {
    times.push(atMs);
    atMs += isDoubled && i === 0 ? draw.integer(200, 900) : draw.integer(1, 5) * 1000;
  }
  return times;
}

function awakeBeats(life: Life, day: number): Beat[] {
  const series = activitySeries(life, day);
  const workouts = workoutsOf(life, day);
  const session = sessionOf(life, day);
  const asleep = [day, day + 1].flatMap((sleepDay) => sleepPeriods(life, sleepDay));
  const busy = [...workouts, ...asleep, ...(session === null ? [] : [session])];
  const shift = dayState(life, day).heartRateShiftBpm;
  const draw = drawFor(life, 'beats', day);
  const hasDoubles = occursOn(life, 'sameSecondHeartRates', day);
  const beats: Beat[] = [];
  for (const [slot, kind] of series.classes.entries()) {
    const fromMs = series.startMs + slot * STEP_MS;
    const isBusy = busy.some((span) => fromMs + STEP_MS > span.startMs && fromMs < span.endMs);
    if (kind === 0 || isBusy) continue;
    const met = series.met[slot * 5 + 2] ?? 1;
    if (!life.traps.heartRateBursts) {
      beats.push({ atMs: fromMs, bpm: awakeBpm(life, draw, met, shift), source: 'awake' });
    } else if (kind === 1) {
      beats.push({
        atMs: fromMs + draw.integer(0, 20) * 1000,
        bpm: awakeBpm(life, draw, 0.9, shift - 4),
        source: 'rest',
      });
    } else if (draw.chance(0.62)) {
      const source = hasDoubles && draw.chance(0.02) ? 'live' : 'awake';
      for (const atMs of burst(
        draw,
        fromMs,
        draw.integer(1, source === 'live' ? 20 : 6),
        hasDoubles && draw.chance(0.3),
      )) {
        beats.push({ atMs, bpm: awakeBpm(life, draw, met, shift), source });
      }
    }
  }
  for (const workout of workouts) {
    const effort = { easy: 38, moderate: 62, hard: 88 }[workout.intensity];
    const bpm = (): number => Math.round(Math.min(190, life.person.restingHeartRateBpm + effort + draw.normal(0, 7)));
    beats.push(...denseBeats(draw, workout, 'workout', bpm));
  }
  if (session !== null) beats.push(...denseBeats(draw, session, 'session', () => awakeBpm(life, draw, 0.8, shift - 4)));
  return beats;
}

export function heartRateRows(life: Life, day: number) {
  const { startMs, minutes } = activitySeries(life, day);
  const endMs = startMs + minutes * 60_000;
  return [...asleepBeats(life, day), ...awakeBeats(life, day)]
    .filter(({ atMs }) => atMs >= startMs && atMs < endMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, bpm, source }) => ({ timestamp: formatUtcSecond(atMs), timestamp_unix: atMs, bpm, source }));
}
