// When the wearer sleeps: the periods that count for one sleep day, by wall clock and by trap. Only times and kinds; what the
// ring measures in them is night.ts, how Oura publishes them sleep-history.ts. Slots of a day never overlap.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import { weekday } from '../local-time.ts';
import { hypnogramLength } from './calibration.ts';
import { dayState } from './day-state.ts';
import { instantOf, isFlightDay } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';

export const periodKinds = [
  'main',
  'second-half',
  'nap',
  'second-nap',
  'late-nap',
  'deleted-nap',
  'rejected-nap',
  'odd-nap',
] as const;
export type PeriodKind = (typeof periodKinds)[number];

export interface SleepPeriod {
  /** The sleep day it counts for. */
  day: number;
  kind: PeriodKind;
  /** Stable per kind: part of the document's id. */
  ordinal: number;
  startMs: number;
  /** A multiple of 30 s after the start. */
  endMs: number;
}

export const isWorn = (life: Life, day: number): boolean => !occursOn(life, 'daysNotWorn', day);

/** When the ring lies in a drawer: from before the night of `day` until before the next one. */
export const unwornPeriod = (life: Life, day: number): { startMs: number; endMs: number } | null =>
  isWorn(life, day)
    ? null
    : { startMs: instantOf(life, day - 1, 20 * 60 + 30), endMs: instantOf(life, day, 20 * 60 + 50) };

function drawnLength(share: number): number {
  for (const [index, [upper, chars]] of hypnogramLength.entries()) {
    const [lower, fewer] = hypnogramLength[index - 1] ?? [0, chars];
    if (share <= upper) return fewer + ((chars - fewer) * (share - lower)) / (upper - lower || 1);
  }
  return 106;
}

const bedtime = (life: Life, day: number): number => {
  const draw = drawFor(life, 'bedtime', day);
  const isWeekend = weekday(day) === 0 || weekday(day) === 6;
  const jitter = Math.max(-30, Math.min(80, draw.normal(0, 26))) + (isWeekend ? 35 : 0);
  const early = dayState(life, day - 1).illness > 0 ? -20 : 0;
  return Math.round(life.person.bedtimeMinutes + jitter + early);
};

const period = (day: number, kind: PeriodKind, startMs: number, halfMinutes: number): SleepPeriod => ({
  day,
  kind,
  ordinal: periodKinds.indexOf(kind),
  startMs,
  endMs: startMs + halfMinutes * 30_000,
});

function nightPeriods(life: Life, day: number): SleepPeriod[] {
  const draw = drawFor(life, 'night', day);
  const startMs = instantOf(life, day - 1, bedtime(life, day)) + draw.integer(0, 1) * 30_000;
  if (occursOn(life, 'splitNights', day)) {
    const first = period(day, 'main', startMs, draw.integer(372, 420));
    const second = period(day, 'second-half', first.endMs + draw.integer(110, 170) * 30_000, draw.integer(375, 440));
    return [first, second];
  }
  const latestEndMs = instantOf(life, day, isFlightDay(life, day) ? 8 * 60 + 30 : 11 * 60 + 15);
  const longest = Math.floor((latestEndMs - startMs) / 30_000);
  const halfMinutes = Math.round(drawnLength(draw.next()) * 10) - draw.integer(0, 9);
  return [period(day, 'main', startMs, Math.min(halfMinutes, longest))];
}

/** The odd values an odd nap shows; it is slept when there is at least one. */
export const oddities = ['noneAsNumber', 'nullSeries', 'poorNaps', 'nullSleepType'] as const;

const dayNaps: readonly [
  PeriodKind,
  (life: Life, day: number) => boolean,
  atMinute: number,
  halfMinutes: [number, number],
][] = [
  ['deleted-nap', (life, day) => occursOn(life, 'deletions', day), 12 * 60 + 10, [44, 56]],
  ['nap', (life, day) => occursOn(life, 'naps', day), 13 * 60 + 10, [50, 150]],
  ['odd-nap', (life, day) => oddities.some((oddity) => occursOn(life, oddity, day)), 14 * 60 + 55, [70, 88]],
  ['rejected-nap', (life, day) => occursOn(life, 'rejectedSleep', day), 16 * 60, [34, 50]],
  ['second-nap', (life, day) => occursOn(life, 'naps', day), 17 * 60, [36, 46]],
];

function napPeriods(life: Life, day: number): SleepPeriod[] {
  if (isFlightDay(life, day)) return [];
  return dayNaps
    .filter(([, isSlept]) => isSlept(life, day))
    .map(([kind, , atMinute, [shortest, longest]]) => {
      const draw = drawFor(life, kind, day);
      return period(day, kind, instantOf(life, day, atMinute + draw.integer(0, 12)), draw.integer(shortest, longest));
    });
}

/** A nap on the evening before: the sleep day changes at 18:00. */
function lateNap(life: Life, day: number): SleepPeriod[] {
  if (!occursOn(life, 'lateNaps', day) || isFlightDay(life, day - 1)) return [];
  const draw = drawFor(life, 'late-nap', day);
  return [period(day, 'late-nap', instantOf(life, day - 1, 19 * 60 + 25 + draw.integer(0, 10)), draw.integer(66, 90))];
}

const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<SleepPeriod[]>>>(() =>
  createBoundedCache(128),
);

/** In order of time. Empty when the ring was not worn. */
export const sleepPeriods = (life: Life, day: number): SleepPeriod[] =>
  caches(life).get(String(day), () => {
    if (!isWorn(life, day)) return [];
    const early = isWorn(life, day - 1) ? lateNap(life, day) : [];
    return [...early, ...nightPeriods(life, day), ...napPeriods(life, day)];
  });

/** When the wearer gets up for good on the morning of `day`. */
export function wakeMs(life: Life, day: number): number {
  const night = sleepPeriods(life, day).filter(({ kind }) => kind === 'main' || kind === 'second-half');
  return night.at(-1)?.endMs ?? instantOf(life, day, 7 * 60 + 30);
}

/** When the wearer goes to bed on the evening of `day`. */
export const bedMs = (life: Life, day: number): number =>
  sleepPeriods(life, day + 1).find(({ kind }) => kind === 'main')?.startMs ??
  instantOf(life, day, life.person.bedtimeMinutes);
