// A folder of recorded answers as a source of documents: `sleep.json`, `sleep.2026-07.json` ({data: [...]}, a list or one document),
// `heartrate.json`, `personal_info.json`, or one file with a list per collection. It never changes: no webhooks come of it.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { collections } from './cloud/catalogue.ts';
import { dayOfIso } from './local-time.ts';
import { type OuraDocument, type Resource, resources } from './ring/document-history.ts';
import type { DocumentSource, Row, SeriesName } from './source.ts';

const documentSchema = z.record(z.string(), z.json()).and(z.object({ id: z.string() }));
const rowSchema = z.record(z.string(), z.json()).and(z.object({ timestamp: z.string() }));
const personalSchema = z.object({
  id: z.string(),
  age: z.number().nullable().default(null),
  weight: z.number().nullable().default(null),
  height: z.number().nullable().default(null),
  biological_sex: z.string().nullable().default(null),
  email: z.string().nullable().default(null),
});

const names = [...resources, 'heartrate', 'ring_battery_level', 'personal_info'] as const;
type Name = (typeof names)[number];

const nameOf = (text: string): Name | null =>
  names.find((name) => text === name || text.startsWith(`${name}.`)) ?? null;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  return isRecord(value) && Array.isArray(value.data) ? value.data : [value];
};

async function readFolder(folder: string): Promise<Map<Name, unknown[]>> {
  const collected = new Map<Name, unknown[]>();
  const add = (name: Name, items: unknown[]): void => {
    collected.set(name, [...(collected.get(name) ?? []), ...items]);
  };
  for (const file of (await readdir(folder)).filter((entry) => entry.endsWith('.json')).sort()) {
    const content: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    const name = nameOf(file);
    if (name !== null) add(name, listOf(content));
    else if (isRecord(content)) {
      for (const [key, value] of Object.entries(content)) {
        const inner = nameOf(key);
        if (inner !== null) add(inner, listOf(value));
      }
    }
  }
  if (collected.size === 0) {
    throw new Error(
      `${folder} holds no recorded answers: expected files like sleep.json or daily_activity.2026-07.json`,
    );
  }
  return collected;
}

const toRow = (item: unknown): Row => {
  const row = rowSchema.parse(item);
  const unix = row.timestamp_unix;
  return { ...row, timestamp_unix: typeof unix === 'number' ? unix : Date.parse(row.timestamp) };
};

/** Documents by id: of two recordings of one document the later file wins. */
const toDocuments = (items: unknown[]): OuraDocument[] => {
  const byId = new Map(items.map((item) => documentSchema.parse(item)).map((document) => [document.id, document]));
  return [...byId.values()];
};

export async function createRecordedSource(
  folder: string,
  fallback: { ouraUserId: string; email: string; timeZone: string },
): Promise<DocumentSource> {
  const collected = await readFolder(folder);
  const documents = new Map(resources.map((resource) => [resource, toDocuments(collected.get(resource) ?? [])]));
  const rowsOf = (series: SeriesName): Row[] =>
    (collected.get(series) ?? []).map(toRow).sort((a, b) => a.timestamp_unix - b.timestamp_unix);
  const rows = { heartrate: rowsOf('heartrate'), ring_battery_level: rowsOf('ring_battery_level') };
  const dayOf = (resource: Resource, document: OuraDocument): number =>
    dayOfIso(String(document[collections[resource].dayField] ?? '1970-01-01'));
  const days = resources
    .filter((resource) => resource !== 'ring_configuration')
    .flatMap((resource) => (documents.get(resource) ?? []).map((document) => dayOf(resource, document)));
  const recordedPerson = collected.get('personal_info')?.at(-1);
  const personalInfo = personalSchema.parse({
    id: fallback.ouraUserId,
    email: fallback.email,
    ...(recordedPerson ?? {}),
  });
  return {
    timeZone: fallback.timeZone,
    personalInfo,
    days: () => ({
      first: days.length === 0 ? 0 : Math.min(...days),
      last: days.length === 0 ? -1 : Math.max(...days),
    }),
    documentsOfDay: (resource, day) =>
      (documents.get(resource) ?? []).filter((document) => dayOf(resource, document) === day),
    undated: (resource) => documents.get(resource) ?? [],
    find: (resource, id) => (documents.get(resource) ?? []).find((document) => document.id === id) ?? null,
    rows: (series, fromMs, toMs) =>
      rows[series].filter(({ timestamp_unix }) => timestamp_unix >= fromMs && timestamp_unix < toMs),
    lastRow: (series) => rows[series].at(-1) ?? null,
    changes: () => [],
    occurrences: () => [],
  };
}
