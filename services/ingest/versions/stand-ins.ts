// A stand-in is a document we made of a day's totals (a line of Oura's trends file) where Oura's own document of that day is not at hand.
// It never fights a real one: it is only recorded while its day has none, and deleted, before the real one is recorded, when that arrives.
// Their points share identities, so the order (deletion, then the real document) is what leaves the real values standing. Pure.
import type { ResourceName } from '../../../schemas/oura/resources.ts';

export const standInResources = [
  'daily_sleep',
  'sleep',
  'daily_readiness',
  'daily_activity',
] as const satisfies ResourceName[];
export type StandInResource = (typeof standInResources)[number];

const prefix = 'trends-';

/** `trends-2023-12-26`. Oura's own ids are UUIDs. */
export const standInId = (day: string): string => prefix + day;
export const isStandIn = (objectId: string): boolean => objectId.startsWith(prefix);

const known: readonly string[] = standInResources;
export const mayHaveStandIns = (resource: string): boolean => known.includes(resource);

/** Oura's day of a document; null where it has none. */
export function dayOf(value: unknown): string | null {
  const day = typeof value === 'object' && value !== null ? Reflect.get(value, 'day') : undefined;
  return typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) ? day : null;
}
