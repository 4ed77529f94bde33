// Who wears the ring: the specification's gaps filled from the seed. Everything the body and its habits need to be made from
// is here; nothing of it changes with time.

import { createHash } from 'node:crypto';
import type { Chronotype, SimulatedUserSpec } from '../options.ts';
import { random } from '../prng.ts';

export interface Person {
  ouraUserId: string;
  email: string;
  timeZone: string;
  age: number;
  weightKg: number;
  heightM: number;
  biologicalSex: 'female' | 'male';
  hardware: 'gen3' | 'gen4' | 'or5';
  chronotype: Chronotype;
  /** Usual bedtime in minutes after midnight of the evening. */
  bedtimeMinutes: number;
  restingHeartRateBpm: number;
  hrvMs: number;
  breathsPerMinute: number;
  /** Share of the calibrated movement: 1 is the calibrated adult. */
  vigour: number;
}

const usualBedtime: Record<Chronotype, number> = { early: 22 * 60, middle: 22 * 60 + 50, late: 24 * 60 + 5 };
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'America/Los_Angeles', 'Europe/Lisbon'] as const;
const chronotypes = ['early', 'middle', 'late'] as const;
const hardwares = ['gen4', 'or5', 'gen3'] as const;

const opaqueId = (seed: number, position: number): string =>
  createHash('sha256').update(`oura-user|${seed}|${position}`).digest('hex').slice(0, 32);

const cyclic = <T>(choices: readonly T[], position: number, fallback: T): T =>
  choices[position % choices.length] ?? fallback;

export function createPerson(spec: SimulatedUserSpec, seed: number, position: number): Person {
  const draw = random(seed, 'person', position);
  const biologicalSex = draw.chance(0.5) ? 'female' : 'male';
  const heightM = Math.round(draw.normal(biologicalSex === 'female' ? 1.66 : 1.79, 0.06) * 100) / 100;
  const drawn = {
    age: draw.integer(24, 61),
    weightKg: Math.round(draw.normal(23.5, 2) * heightM * heightM * 10) / 10,
    bedtimeJitter: draw.integer(-15, 15),
    restingHeartRateBpm: draw.uniform(48, 62),
    hrvMs: draw.uniform(32, 78),
    breathsPerMinute: draw.uniform(13, 16.5),
    vigour: draw.uniform(0.95, 1.1),
  };
  const chronotype = spec.chronotype ?? cyclic(chronotypes, position, 'middle');
  return {
    ouraUserId: spec.ouraUserId ?? opaqueId(seed, position),
    email: spec.email ?? `ring-${position + 1}@example.org`,
    timeZone: spec.timeZone ?? cyclic(zones, position, 'Europe/Berlin'),
    age: spec.age ?? drawn.age,
    weightKg: spec.weightKg ?? drawn.weightKg,
    heightM: spec.heightM ?? heightM,
    biologicalSex: spec.biologicalSex ?? biologicalSex,
    hardware: spec.hardware ?? cyclic(hardwares, position, 'gen4'),
    chronotype,
    bedtimeMinutes: usualBedtime[chronotype] + drawn.bedtimeJitter,
    restingHeartRateBpm: drawn.restingHeartRateBpm,
    hrvMs: drawn.hrvMs,
    breathsPerMinute: drawn.breathsPerMinute,
    vigour: drawn.vigour,
  };
}
