// Where the wearer is: at home, or away between two flights. Gives the zone of any wall-clock time or instant, and the
// period of an activity day (04:00 to 04:00 local), which a flight or a daylight-saving change makes longer or shorter.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import { formatLocal, localToUtcMs, utcOffsetS } from '../local-time.ts';
import { drawFor, everyDays, type Life, occurrenceDay } from './life.ts';

const DEPARTURE_MINUTE = 11 * 60;
const RETURN_MINUTE = 13 * 60;
const DAY_MS = 86_400_000;
/** Farther than this, an arrival would fall after the bedtime of the same calendar day. */
const FARTHEST_MS = 8.5 * 3_600_000;
const destinations = [
  'America/New_York',
  'Europe/Berlin',
  'Asia/Dubai',
  'Europe/London',
  'America/Los_Angeles',
  'Asia/Tokyo',
];

export interface Trip {
  departureDay: number;
  returnDay: number;
  zone: string;
}

const BLOCK_DAYS = everyDays.flights ?? 60;
const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<Trip | null>>>(() => createBoundedCache(16));

/** The trip of the block of days around `day`, if the person travels at all. */
export function tripNear(life: Life, day: number): Trip | null {
  if (!life.traps.flights) return null;
  const block = BLOCK_DAYS * Math.floor(day / BLOCK_DAYS);
  return caches(life).get(String(block), () => planTrip(life, block));
}

function planTrip(life: Life, block: number): Trip | null {
  // Away from the edges of the block, so that a trip never reaches into the next one.
  const departureDay = block + 5 + ((occurrenceDay(life, 'flights', block) - block) % 40);
  const draw = drawFor(life, 'trip', departureDay);
  const home = utcOffsetS(life.person.timeZone, departureDay * DAY_MS);
  const reachable = destinations.filter((zone) => {
    const apart = Math.abs(utcOffsetS(zone, departureDay * DAY_MS) - home) * 1000;
    return apart > 0 && apart <= FARTHEST_MS;
  });
  if (reachable.length === 0) return null;
  return { departureDay, returnDay: departureDay + draw.integer(4, 9), zone: draw.pick(reachable) };
}

export const isFlightDay = (life: Life, day: number): boolean => {
  const trip = tripNear(life, day);
  return trip !== null && (trip.departureDay === day || trip.returnDay === day);
};

/** The zone in which `minutes` after midnight of `day` is read off the wearer's clock. */
export function zoneAt(life: Life, day: number, minutes: number): string {
  const trip = tripNear(life, day);
  const home = life.person.timeZone;
  if (trip === null || day < trip.departureDay || day > trip.returnDay) return home;
  if (day === trip.departureDay && minutes < DEPARTURE_MINUTE) return home;
  if (day === trip.returnDay && minutes >= RETURN_MINUTE) return home;
  return trip.zone;
}

/** Minutes may lie outside of the day: −60 is 23:00 of the day before. */
export function instantOf(life: Life, day: number, minutes: number): number {
  const days = Math.floor(minutes / 1440);
  const rest = minutes - days * 1440;
  return localToUtcMs(zoneAt(life, day + days, rest), day + days, rest);
}

export function zoneAtInstant(life: Life, instantMs: number): string {
  const home = life.person.timeZone;
  const trip = tripNear(life, Math.floor(instantMs / DAY_MS));
  if (trip === null) return home;
  const leaves = localToUtcMs(home, trip.departureDay, DEPARTURE_MINUTE);
  const returns = localToUtcMs(trip.zone, trip.returnDay, RETURN_MINUTE);
  return instantMs >= leaves && instantMs < returns ? trip.zone : home;
}

export const localText = (life: Life, instantMs: number): string =>
  formatLocal(zoneAtInstant(life, instantMs), instantMs);

export interface ActivityPeriod {
  startMs: number;
  endMs: number;
  minutes: number;
}

/** 1,440 minutes but for a change of daylight saving (1,380 or 1,500) and a flight. */
export function activityPeriod(life: Life, day: number): ActivityPeriod {
  const startMs = instantOf(life, day, 240);
  const endMs = instantOf(life, day + 1, 240);
  const minutes = Math.round((endMs - startMs) / 60_000);
  const isFlight = isFlightDay(life, day);
  return { startMs, endMs, minutes: life.traps.dstDays || isFlight ? minutes : 1440 };
}
