// Which workouts a day has, by wall clock: the activity series and the heart rate follow them, workouts.ts publishes them.

import { chargesBetween } from './battery.ts';
import { dayState } from './day-state.ts';
import { instantOf, isFlightDay } from './itinerary.ts';
import { drawFor, type Life } from './life.ts';
import { isWorn, wakeMs } from './sleep-plan.ts';

export interface PlannedWorkout {
  ordinal: number;
  startMs: number;
  endMs: number;
  activity: string;
  intensity: 'easy' | 'moderate' | 'hard';
  /** Steps and distance are made by feet. */
  isOnFoot: boolean;
}

const kinds = [
  { activity: 'walking', intensities: ['easy', 'moderate'], isOnFoot: true, metresPerMinute: 82 },
  { activity: 'running', intensities: ['moderate', 'hard'], isOnFoot: true, metresPerMinute: 165 },
  { activity: 'cycling', intensities: ['moderate', 'hard'], isOnFoot: false, metresPerMinute: 330 },
  { activity: 'strength_training', intensities: ['moderate'], isOnFoot: false, metresPerMinute: 0 },
  { activity: 'yoga', intensities: ['easy'], isOnFoot: false, metresPerMinute: 0 },
  { activity: 'swimming', intensities: ['moderate', 'hard'], isOnFoot: false, metresPerMinute: 35 },
] as const;

export const metresPerMinute = (activity: string): number =>
  kinds.find((kind) => kind.activity === activity)?.metresPerMinute ?? 0;

export function workoutsOf(life: Life, day: number): PlannedWorkout[] {
  if (!isWorn(life, day) || isFlightDay(life, day)) return [];
  const draw = drawFor(life, 'workouts', day);
  const state = dayState(life, day);
  const planned: PlannedWorkout[] = [];
  const eagerness = state.illness > 0 ? 0.03 : 0.22 + 0.07 * state.load;
  for (const [ordinal, atMinute] of [10 * 60 + 20, 17 * 60 + 40].entries()) {
    const isChosen = draw.chance(ordinal === 0 ? eagerness * 0.6 : eagerness);
    const kind = draw.pick(kinds);
    const intensity = draw.pick<PlannedWorkout['intensity']>(kind.intensities);
    const startMs = instantOf(life, day, atMinute + draw.integer(0, 15));
    const endMs = startMs + draw.integer(20, 70) * 60_000;
    const isFree = startMs > wakeMs(life, day) + 30 * 60_000 && chargesBetween(life, startMs, endMs).length === 0;
    if (!isChosen || !isFree) continue;
    planned.push({ ordinal, startMs, endMs, activity: kind.activity, intensity, isOnFoot: kind.isOnFoot });
  }
  return planned;
}
