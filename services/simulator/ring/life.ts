// What every part of a ring's making is given: whose ring, which traps, from when on it must not fall silent. And when a trap
// happens: once in every block of days, on a day drawn for that block, so that every history long enough has every trap and
// no day depends on the days before it or on when the simulator was started.

import { type Random, random, uniformOf } from '../prng.ts';
import { isDisruptive, type TrapName, type Traps } from '../traps.ts';
import type { Person } from './person.ts';

export interface Life {
  seed: number;
  person: Person;
  traps: Traps;
  /** Syncs per natural sync from `liveFromDay` on; history always has the natural ones. */
  liveliness: number;
  /** Civil day from which on no disruptive trap occurs. */
  liveFromDay: number;
}

export const livelinessOn = (life: Life, day: number): number => (day >= life.liveFromDay ? life.liveliness : 1);

export const drawFor = (life: Life, purpose: string, day: number, ordinal = 0): Random =>
  random(life.seed, life.person.ouraUserId, purpose, day, ordinal);

/** Days between two occurrences of a trap, on average. */
export const everyDays: Partial<Record<TrapName, number>> = {
  silentWebhooks: 45,
  inProgressNights: 4,
  bedtimeEdits: 9,
  rescoring: 5,
  deletions: 10,
  rejectedSleep: 11,
  lateSyncs: 30,
  naps: 5,
  lateNaps: 12,
  splitNights: 14,
  flights: 60,
  daysNotWorn: 25,
  missingActivity: 40,
  noneAsNumber: 7,
  nullSeries: 6,
  poorNaps: 4,
  contributorsOutOfRange: 16,
  nullScores: 18,
  nullSleepType: 21,
  nullSpo2: 9,
  sameSecondHeartRates: 2,
  restMode: 60,
};

/** The occurrence of a trap in the block of days that holds `day`, whether or not the trap is on. */
export function occurrenceDay(life: Life, trap: TrapName, day: number): number {
  const every = everyDays[trap] ?? 1;
  const block = Math.floor(day / every);
  const offset = Math.floor(uniformOf(life.seed, life.person.ouraUserId, 'occurs', trap, block) * every);
  return block * every + offset;
}

export const occursOn = (life: Life, trap: TrapName, day: number): boolean =>
  life.traps[trap] && occurrenceDay(life, trap, day) === day && !(isDisruptive(trap) && day >= life.liveFromDay - 3);

/** The day on which an occurrence that covers `day` began: for traps that last several days. */
export function occurrenceCovering(life: Life, trap: TrapName, day: number, lastsDays: number): number | null {
  for (let start = day; start > day - lastsDays; start -= 1) if (occursOn(life, trap, start)) return start;
  return null;
}
