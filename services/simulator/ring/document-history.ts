// How one document lives in the cloud: the instants at which it appears, changes and goes, each with the body it then has.
// Bodies are made when somebody asks. Webhooks and lists are two readings of the same histories.

/** Oura's name of a collection, as it stands in the route. */
export const resources = [
  'daily_activity',
  'daily_sleep',
  'daily_readiness',
  'daily_spo2',
  'daily_stress',
  'daily_resilience',
  'daily_cardiovascular_age',
  'vO2_max',
  'sleep',
  'sleep_time',
  'workout',
  'session',
  'enhanced_tag',
  'tag',
  'rest_mode_period',
  'ring_configuration',
] as const;
export type Resource = (typeof resources)[number];

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export interface OuraDocument {
  [field: string]: Json;
  id: string;
}

export interface Version {
  atMs: number;
  /** `null` is a deletion. */
  body: (() => OuraDocument) | null;
}

export interface DocumentHistory {
  resource: Resource;
  id: string;
  /** In order of time; the first one creates. */
  versions: Version[];
}

/** Instants that strictly increase: what one sync brings is published in its causal order. */
export const inOrder = <T extends { atMs: number }>(steps: readonly T[]): T[] => {
  let lastMs = Number.NEGATIVE_INFINITY;
  return steps.map((step) => {
    lastMs = Math.max(step.atMs, lastMs + 1000);
    return { ...step, atMs: lastMs };
  });
};

export const operationOf = (history: DocumentHistory, index: number): 'create' | 'update' | 'delete' => {
  if (history.versions[index]?.body === null) return 'delete';
  return index === 0 ? 'create' : 'update';
};

/** What the cloud answers at an instant; null when the document is not there (yet, or any more). */
export function documentAt(history: DocumentHistory, atMs: number): OuraDocument | null {
  const version = history.versions.findLast((candidate) => candidate.atMs <= atMs);
  return version?.body?.() ?? null;
}
