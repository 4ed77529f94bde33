// The hidden state of a body on a day: how tired, how ill, how busy. Everything visible (heart rate, scores, temperature,
// stress, steps) follows from it, so that the values of a day agree with each other. It wanders smoothly and is a function of
// the day alone.

import { weekday } from '../local-time.ts';
import { wandering } from '../prng.ts';
import { drawFor, type Life, occurrenceCovering } from './life.ts';

export interface DayState {
  /** 0 well, 1 the worst day of an illness. */
  illness: number;
  /** About −2 … 2: how demanding the day was. */
  load: number;
  /** About −2 … 2: how well the body recovers. */
  recovery: number;
  /** Degrees Celsius around the person's baseline. */
  temperatureDeviation: number;
  temperatureTrend: number;
  heartRateShiftBpm: number;
  hrvFactor: number;
  isRestDay: boolean;
}

/** Days of an illness, its first day included. */
export const ILLNESS_DAYS = 4;
const course = [0.7, 1, 0.6, 0.25] as const;

export function dayState(life: Life, day: number): DayState {
  const { ouraUserId } = life.person;
  const began = occurrenceCovering(life, 'restMode', day, ILLNESS_DAYS);
  const illness = began === null ? 0 : (course[day - began] ?? 0);
  const draw = drawFor(life, 'state', day);
  const load = wandering(4, day, life.seed, ouraUserId, 'load') * 0.8 + draw.normal(0, 0.5) - illness;
  const recovery =
    wandering(9, day, life.seed, ouraUserId, 'recovery') * 0.8 + draw.normal(0, 0.4) - load * 0.25 - illness * 1.6;
  const trend = wandering(12, day, life.seed, ouraUserId, 'temperature') * 0.12 + illness * 0.5;
  return {
    illness,
    load,
    recovery,
    temperatureDeviation: trend + draw.normal(0, 0.13) + illness * 0.85,
    temperatureTrend: trend,
    heartRateShiftBpm: -recovery * 1.6 + illness * 6 + load * 0.5,
    hrvFactor: Math.exp(recovery * 0.11 - illness * 0.25),
    isRestDay: illness > 0 || weekday(day) === 0,
  };
}
