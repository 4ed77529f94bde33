// The 19 resources of the Oura API v2, as data: where each is listed, how its windows are named, which scope opens it and which
// webhook announces it. Source: Oura's OpenAPI 1.37 and what integrations found on the wire (the scopes of 1.39 and later).
// Leaves out the fields of the documents, which stand in one file per resource.
import { z } from 'zod';

export const resourceNames = [
  'daily_activity',
  'daily_sleep',
  'daily_readiness',
  'daily_spo2',
  'daily_stress',
  'daily_resilience',
  'daily_cardiovascular_age',
  'vo2_max',
  'sleep',
  'sleep_time',
  'workout',
  'session',
  'enhanced_tag',
  'tag',
  'rest_mode_period',
  'ring_configuration',
  'heartrate',
  'ring_battery_level',
  'personal_info',
] as const;
export const resourceName = z.enum(resourceNames);
export type ResourceName = z.infer<typeof resourceName>;

/**
 * How a resource is read: `documents` by day window and by id; `collection` without a window; `rows` (no ids) by datetime window, kept
 * as one document per UTC hour; `single` is one bare object.
 */
export type ResourceKind = 'documents' | 'collection' | 'rows' | 'single';

export interface Resource {
  name: ResourceName;
  kind: ResourceKind;
  /** Path segment under `/v2/usercollection/`; `vO2_max` is case-sensitive. */
  route: string;
  /** Scopes any of which opens the resource; empty: any token. Portals differ, so the token response and a 401 decide. */
  scopes: readonly string[];
  /** Its `data_type` in webhooks; null: it is only ever polled. */
  webhookDataType: string | null;
}

const documents = (name: ResourceName, scopes: readonly string[], route: string = name): Resource => ({
  name,
  kind: 'documents',
  route,
  scopes,
  webhookDataType: name,
});

export const resources: readonly Resource[] = [
  documents('daily_activity', ['daily']),
  documents('daily_sleep', ['daily']),
  documents('daily_readiness', ['daily']),
  documents('daily_spo2', ['spo2', 'spo2Daily']),
  documents('daily_stress', ['daily', 'stress']),
  documents('daily_resilience', ['stress', 'daily']),
  documents('daily_cardiovascular_age', ['heart_health', 'daily']),
  documents('vo2_max', ['heart_health', 'daily'], 'vO2_max'),
  documents('sleep', ['daily']),
  documents('sleep_time', ['daily']),
  documents('workout', ['workout']),
  documents('session', ['session']),
  documents('enhanced_tag', ['tag']),
  documents('tag', ['tag']),
  documents('rest_mode_period', ['daily']),
  {
    name: 'ring_configuration',
    kind: 'collection',
    route: 'ring_configuration',
    scopes: ['ring_configuration'],
    webhookDataType: 'ring_configuration',
  },
  { name: 'heartrate', kind: 'rows', route: 'heartrate', scopes: ['heartrate'], webhookDataType: null },
  {
    name: 'ring_battery_level',
    kind: 'rows',
    route: 'ring_battery_level',
    scopes: ['ring_configuration'],
    webhookDataType: null,
  },
  { name: 'personal_info', kind: 'single', route: 'personal_info', scopes: [], webhookDataType: null },
];

const byName = new Map(resources.map((resource) => [resource.name, resource]));
const byDataType = new Map(resources.flatMap((r) => (r.webhookDataType ? [[r.webhookDataType, r] as const] : [])));

export function resource(name: ResourceName): Resource {
  const found = byName.get(name);
  if (!found) throw new Error(`no resource is named ${name}`);
  return found;
}

/** The resource a webhook's `data_type` announces; undefined for types without a REST route (`meal`) or newer than this file. */
export const resourceOfDataType = (dataType: string): Resource | undefined => byDataType.get(dataType);
