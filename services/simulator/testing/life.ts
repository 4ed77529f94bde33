// A life for tests of the ring: no traps but those named, a person who does not depend on defaults.

import { dayOfIso, isoDay } from '../local-time.ts';
import type { SimulatedUserSpec } from '../options.ts';
import type { OuraDocument, Resource } from '../ring/document-history.ts';
import type { Life } from '../ring/life.ts';
import { createPerson } from '../ring/person.ts';
import { createRing } from '../ring/ring.ts';
import type { DocumentSource } from '../source.ts';
import { noTraps, type Traps } from '../traps.ts';

export const FIRST_DAY = dayOfIso('2026-01-01');
export const LAST_DAY = dayOfIso('2026-12-31');
export const AFTER_ALL = (LAST_DAY + 20) * 86_400_000;

export const lifeWith = (traps: Partial<Traps> = {}, spec: SimulatedUserSpec = {}, seed = 5): Life => ({
  seed,
  person: createPerson({ timeZone: 'Europe/Berlin', chronotype: 'middle', hardware: 'gen4', ...spec }, seed, 0),
  traps: { ...noTraps, ...traps },
  liveliness: 1,
  liveFromDay: Number.POSITIVE_INFINITY,
});

export const ringWith = (traps: Partial<Traps> = {}, spec: SimulatedUserSpec = {}, seed = 5): DocumentSource =>
  createRing(lifeWith(traps, spec, seed), FIRST_DAY);

/** All documents of a resource in a span of days, as the cloud has them when all is known. */
export function documentsOf(
  ring: DocumentSource,
  resource: Resource,
  from: string,
  to: string,
  atMs = AFTER_ALL,
): OuraDocument[] {
  const documents: OuraDocument[] = [];
  for (let day = dayOfIso(from); day <= dayOfIso(to); day += 1)
    documents.push(...ring.documentsOfDay(resource, day, atMs));
  return documents;
}

export const daysBetween = (from: string, to: string): string[] => {
  const days: string[] = [];
  for (let day = dayOfIso(from); day <= dayOfIso(to); day += 1) days.push(isoDay(day));
  return days;
};
