// A whole activity day, minute by minute: MET, steps and Oura's 5-minute class. Awake it is the calibrated Markov chain, pulled
// by the calibrated movement of the hour; asleep it rests. Documents are cut from it, so an afternoon's document is the
// beginning of the evening's.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import { localDay, utcOffsetS } from '../local-time.ts';
import type { Random } from '../prng.ts';
import { chargesBetween } from './battery.ts';
import { activityTransition, metByHour } from './calibration.ts';
import { dayState } from './day-state.ts';
import { activityPeriod, zoneAtInstant } from './itinerary.ts';
import { drawFor, type Life } from './life.ts';
import { type SleepPeriod, sleepPeriods, unwornPeriod } from './sleep-plan.ts';
import { type PlannedWorkout, workoutsOf } from './workout-plan.ts';

const { abs, exp, floor, max, min, round } = Math;

export interface ActivitySeries {
  startMs: number;
  minutes: number;
  /** 0 non-wear … 5 high, one per 5 minutes. */
  classes: number[];
  /** One per minute. */
  met: number[];
  steps: number[];
}

const within = (spans: readonly { startMs: number; endMs: number }[], atMs: number): boolean =>
  spans.some((span) => atMs >= span.startMs && atMs < span.endMs);

const asleepPull = [0, 1, 0.35, 0.25, 0, 0] as const;

/** How much each class is sought while awake, when an hour moves `factor` times as much as the average one. */
const awakePull = (factor: number): number[] => [0, 0.35 / factor, 1, factor, factor ** 1.7 * 1.2, factor ** 2.2 * 1.2];

const nextClass = (draw: Random, current: number, pull: readonly number[]): number =>
  draw.weighted((activityTransition[current] ?? []).map((probability, to) => probability * (pull[to] ?? 0)));

const workoutClass = (draw: Random, workout: PlannedWorkout): number => {
  if (workout.intensity === 'easy') return draw.chance(0.6) ? 4 : 3;
  if (workout.intensity === 'moderate') return draw.chance(0.08) ? 5 : 4;
  return draw.chance(0.55) ? 5 : 4;
};

const metOf: readonly ((draw: Random) => number)[] = [
  () => 0.1,
  (draw) => 0.9 + (draw.chance(0.08) ? 0.1 : 0),
  (draw) => max(0.9, 1.17 + draw.normal(0, 0.16)),
  (draw) => max(1, 1.3 + abs(draw.normal(0, 0.95))),
  (draw) => max(1.5, draw.normal(3.9, 0.9)),
  (draw) => max(3, draw.normal(7.6, 1.6)),
];

function stepsOf(draw: Random, met: number, isOnFoot: boolean): number {
  if (met < 1.6 || !isOnFoot) return 0;
  const rate = met < 3 ? (met - 1.4) * 22 : min(172, 28 + met * 15);
  return round(rate * draw.uniform(0.5, 1.1));
}

function hourFactor(life: Life, atMs: number, dayFactor: number): number {
  const localMs = atMs + utcOffsetS(zoneAtInstant(life, atMs), atMs) * 1000;
  const hour = floor(localMs / 3_600_000) % 24;
  return max(0.3, min(2.2, (((metByHour[hour] ?? 1) - 0.85) / 0.78) * dayFactor));
}

function classify(
  life: Life,
  day: number,
  startMs: number,
  slots: number,
): { classes: number[]; workouts: PlannedWorkout[] } {
  const asleep: SleepPeriod[] = [day, day + 1].flatMap((sleepDay) => sleepPeriods(life, sleepDay));
  const unworn = [day, day + 1].flatMap((wornDay) => unwornPeriod(life, wornDay) ?? []);
  const workouts = workoutsOf(life, day);
  const charging = chargesBetween(life, startMs, startMs + slots * 300_000);
  const dayFactor = life.person.vigour * exp(dayState(life, day).load * 0.08);
  const draw = drawFor(life, 'classes', day);
  const classes: number[] = [];
  let current = 1;
  for (let slot = 0; slot < slots; slot += 1) {
    const atMs = startMs + slot * 300_000;
    const workout = workouts.find((planned) => atMs >= planned.startMs && atMs < planned.endMs);
    if (within(unworn, atMs) || within(charging, atMs)) current = 0;
    else if (within(asleep, atMs)) current = nextClass(draw, current === 0 ? 1 : min(current, 3), asleepPull);
    else if (workout !== undefined) current = workoutClass(draw, workout);
    else current = nextClass(draw, current === 0 ? 2 : current, awakePull(hourFactor(life, atMs, dayFactor)));
    classes.push(current);
  }
  return { classes, workouts };
}

function makeSeries(life: Life, day: number): ActivitySeries {
  const { startMs, minutes } = activityPeriod(life, day);
  const { classes, workouts } = classify(life, day, startMs, floor(minutes / 5));
  const draw = drawFor(life, 'met', day);
  const met: number[] = [];
  const steps: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const atMs = startMs + minute * 60_000;
    const value = round((metOf[classes[floor(minute / 5)] ?? 1]?.(draw) ?? 0.9) * 10) / 10;
    const workout = workouts.find((planned) => atMs >= planned.startMs && atMs < planned.endMs);
    met.push(value);
    steps.push(stepsOf(draw, value, workout?.isOnFoot ?? true));
  }
  return { startMs, minutes, classes, met, steps };
}

const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<ActivitySeries>>>(() =>
  createBoundedCache(16),
);

export const activitySeries = (life: Life, day: number): ActivitySeries =>
  caches(life).get(String(day), () => makeSeries(life, day));

/** The activity day that holds an instant. */
export function activityDayAt(life: Life, instantMs: number): number {
  let day = localDay(zoneAtInstant(life, instantMs), instantMs) + 1;
  while (activityPeriod(life, day).startMs > instantMs) day -= 1;
  return day;
}
