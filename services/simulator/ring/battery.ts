// The ring's battery: drains evenly over about four days, is charged in the early evening, sometimes a day late. Each charge is
// a function of its number alone, so a level at any instant needs only its two neighbours.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import { uniformOf } from '../prng.ts';
import { instantOf } from './itinerary.ts';
import { drawFor, type Life } from './life.ts';

const DAYS_BETWEEN_CHARGES = 4;
const LATE_EVERY = 6;
const MS_PER_PERCENT = 42_000;
const DAY_MS = 86_400_000;
const ROW_EVERY_MS = 20 * 60_000;

export interface Charge {
  startMs: number;
  endMs: number;
  /** Level when it is put on the charger, per cent. */
  bottom: number;
}

const phaseOf = (life: Life): number =>
  Math.floor(uniformOf(life.seed, life.person.ouraUserId, 'charge-phase') * DAYS_BETWEEN_CHARGES * LATE_EVERY);

const chargeDay = (life: Life, number: number): { day: number; isLate: boolean } => {
  const isLate = life.traps.lowBattery && ((number % LATE_EVERY) + LATE_EVERY) % LATE_EVERY === 0;
  return { day: number * DAYS_BETWEEN_CHARGES + phaseOf(life) + (isLate ? 1 : 0), isLate };
};

const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<Charge>>>(() => createBoundedCache(64));

const chargeOf = (life: Life, number: number): Charge =>
  caches(life).get(String(number), () => makeCharge(life, number));

function makeCharge(life: Life, number: number): Charge {
  const { day, isLate } = chargeDay(life, number);
  const draw = drawFor(life, 'charge', number);
  const bottom = isLate ? draw.integer(5, 11) : draw.integer(26, 42);
  const startMs = instantOf(life, day, 18 * 60 + 4 + draw.integer(0, 8));
  return { startMs, endMs: startMs + (100 - bottom) * MS_PER_PERCENT, bottom };
}

const numberNear = (life: Life, instantMs: number): number =>
  Math.floor((instantMs / DAY_MS - phaseOf(life)) / DAYS_BETWEEN_CHARGES);

/** The charges that touch a span of time, in order. */
export function chargesBetween(life: Life, fromMs: number, toMs: number): Charge[] {
  const found: Charge[] = [];
  for (let number = numberNear(life, fromMs) - 2; number <= numberNear(life, toMs) + 2; number += 1) {
    const charge = chargeOf(life, number);
    if (charge.endMs > fromMs && charge.startMs < toMs) found.push(charge);
  }
  return found;
}

export interface BatteryState {
  level: number;
  isCharging: boolean;
  isInCharger: boolean;
}

export function batteryAt(life: Life, instantMs: number): BatteryState {
  let number = numberNear(life, instantMs) + 2;
  while (chargeOf(life, number).startMs > instantMs) number -= 1;
  const last = chargeOf(life, number);
  if (instantMs < last.endMs) {
    const level = Math.min(100, Math.floor(last.bottom + (instantMs - last.startMs) / MS_PER_PERCENT));
    return { level, isCharging: level < 100, isInCharger: true };
  }
  const next = chargeOf(life, number + 1);
  const part = (instantMs - last.endMs) / (next.startMs - last.endMs);
  return { level: Math.round(100 - part * (100 - next.bottom)), isCharging: false, isInCharger: false };
}

export interface BatteryRow extends BatteryState {
  atMs: number;
}

/** A level every 20 minutes, and at every per cent while it charges. */
export function batteryRows(life: Life, fromMs: number, toMs: number): BatteryRow[] {
  const times = new Set<number>();
  for (let atMs = Math.ceil(fromMs / ROW_EVERY_MS) * ROW_EVERY_MS; atMs < toMs; atMs += ROW_EVERY_MS) times.add(atMs);
  for (const charge of chargesBetween(life, fromMs, toMs)) {
    for (let atMs = charge.startMs; atMs <= charge.endMs; atMs += MS_PER_PERCENT) {
      if (atMs >= fromMs && atMs < toMs) times.add(atMs);
    }
  }
  return [...times].sort((a, b) => a - b).map((atMs) => ({ atMs, ...batteryAt(life, atMs) }));
}
