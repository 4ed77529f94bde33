// What the cloud asks of whatever holds the documents: a made ring or a folder of recorded answers. `atMs` is the present of the
// question; what is published later does not exist yet.

import type { Json, OuraDocument, Resource } from './ring/document-history.ts';
import type { TrapName } from './traps.ts';

export type SeriesName = 'heartrate' | 'ring_battery_level';

export interface Row {
  [field: string]: Json;
  timestamp: string;
  timestamp_unix: number;
}

export interface PersonalInfo {
  id: string;
  age: number | null;
  weight: number | null;
  height: number | null;
  biological_sex: string | null;
  email: string | null;
}

export interface Change {
  atMs: number;
  ouraUserId: string;
  resource: Resource;
  id: string;
  operation: 'create' | 'update' | 'delete';
  /** The person's day on which it happens is one without notifications. */
  isSilent: boolean;
}

export interface DocumentSource {
  personalInfo: PersonalInfo;
  timeZone: string;
  /** Civil days that can hold documents, both included. */
  days(atMs: number): { first: number; last: number };
  /** Documents of one civil day, in no promised order. */
  documentsOfDay(resource: Resource, day: number, atMs: number): OuraDocument[];
  /** Documents that belong to no day (`ring_configuration`). */
  undated(resource: Resource, atMs: number): OuraDocument[];
  find(resource: Resource, id: string, atMs: number): OuraDocument | null;
  /** Rows in order of time with `fromMs` ≤ time < `toMs`. */
  rows(series: SeriesName, fromMs: number, toMs: number, atMs: number): Iterable<Row>;
  lastRow(series: SeriesName, atMs: number): Row | null;
  /** Changes with `afterMs` < time ≤ `untilMs`. */
  changes(afterMs: number, untilMs: number): Change[];
  occurrences(trap: TrapName, atMs: number): string[];
}
