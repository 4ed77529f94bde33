// Every panel of the board "Today", asked as Grafana asks it, of a real InfluxDB that holds a simulated ring: what comes back are the numbers of the
// tidy export for that day, that night, that range. The ring lives in a zone where it is about noon now, so the night is over and not yet forgotten.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type TidyRow, tidyRow } from '../../services/export/tidy.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { createRing } from '../../services/simulator/ring/ring.ts';
import { lifeWith } from '../../services/simulator/testing/life.ts';
import type { InfluxConnection } from '../../services/storage/metric-store/influx-settings.ts';
import { openInfluxMetricStore } from '../../services/storage/metric-store/open-influx-metric-store.ts';
import type { StoreDatabase } from '../../services/storage/tables.ts';
import { all } from '../conformance/metric-store.ts';
import { closing } from '../support/closing.ts';
import { openTestStore } from '../support/databases.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';
import { type InfluxServer, startInflux } from './influx-container.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const person = 'anna';
const trendDays = 7;

const nowMs = Date.now();
/** Between 11:00 and 15:00 there, and inside the zones in which noon UTC is the same date. */
const offsetHours = Math.min(11, 14 - new Date(nowMs).getUTCHours());
const dayAt = (ms: number): string => new Date(ms + offsetHours * hourMs).toISOString().slice(0, 10);
const today = dayAt(nowMs);
const midnightMs = Date.parse(`${today}T00:00:00Z`) - offsetHours * hourMs;

const board = z
  .object({
    time: z.object({ from: z.literal('now/d'), to: z.literal('now/d') }),
    panels: z.array(
      z.object({ title: z.string(), type: z.string(), targets: z.array(z.object({ query: z.string() })).default([]) }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../grafana/dashboards/today.json'), 'utf8')));
const panels = board.panels.flatMap(({ title, type, targets }) => targets.map(({ query }) => ({ title, type, query })));

const kept = closing(afterAll);
let server: InfluxServer;
let connection: InfluxConnection;
let database: StoreDatabase;
let rows: TidyRow[];

beforeAll(async () => {
  server = kept(await startInflux());
  connection = server.connection();
  database = kept(await openTestStore());
  const store = await openInfluxMetricStore(connection, database);
  const zone = `Etc/GMT${offsetHours > 0 ? '-' : '+'}${Math.abs(offsetHours)}`;
  // Early to bed: the night begins before midnight, on the calendar day before the one it counts for.
  const life = lifeWith({}, { timeZone: zone, chronotype: 'early' });
  const fromMs = nowMs - (trendDays + 2) * dayMs;
  const ring = createRing(life, Math.floor(fromMs / dayMs) - 30);
  const messages = simulatedDocuments({ ring, userId: person, fromMs, toMs: nowMs }).flatMap((document) => {
    const normalized = normalizeDocument(document);
    return normalized.ok ? [normalized.message] : [];
  });
  for (let from = 0; from < messages.length; from += 500) await store.apply(messages.slice(from, from + 500));
  rows = (await all(store, { user: person })).map(tidyRow);
});

/** As Grafana fills its variables in: `now/d` to `now/d` is the whole of today in the viewer's zone. */
const filled = (query: string): string =>
  query
    .replaceAll('$person', person)
    .replaceAll('$range', `${trendDays}d`)
    .replaceAll(/\$\{__from\}/g, String(midnightMs))
    .replaceAll(/\$\{__to\}/g, String(midnightMs + dayMs - 1))
    .replaceAll('$timeFilter', `time >= ${midnightMs}ms and time <= ${midnightMs + dayMs - 1}ms`);

const answer = z.object({
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z.array(z.object({ values: z.array(z.tuple([z.number(), z.number().nullable()])) })).optional(),
      }),
    )
    .length(1),
});

async function ask(query: string): Promise<number[]> {
  const parameters = new URLSearchParams({ db: connection.bucket, q: filled(query), epoch: 'ms' });
  const response = await fetch(`${connection.url}/query?${parameters}`, {
    headers: { authorization: `Token ${connection.token}` },
  });
  const [result] = answer.parse(await response.json()).results;
  if (result?.error !== undefined) throw new Error(`${filled(query)}: ${result.error}`);
  return (result?.series ?? []).flatMap(({ values }) => values.flatMap(([, value]) => (value === null ? [] : [value])));
}

/** What a query selects, of all times, as rows in the order of time. */
function selected(query: string): TidyRow[] {
  const found =
    /FROM "(?<metric>\w+)" WHERE .*"resource" = '(?<resource>\w+)' AND "aggregation" = '(?<aggregation>\w+)'/.exec(
      query,
    );
  const { metric, resource, aggregation } = found?.groups ?? {};
  return rows
    .filter((row) => row.metric === metric && row.resource === resource && row.aggregation === aggregation)
    .sort((a, b) => Date.parse(String(a.start)) - Date.parse(String(b.start)));
}

/** What a panel has to show, by Oura's own day and not by where a point stands. */
function expected({ type, query }: { type: string; query: string }): unknown[] {
  const found = selected(query);
  if (type === 'stat') {
    return found
      .filter(({ day }) => day === today)
      .slice(-1)
      .map(({ value }) => value);
  }
  if (query.includes('$range')) {
    const firstDay = dayAt(nowMs - (trendDays - 1) * dayMs);
    return found.filter(({ day }) => String(day) >= firstDay).map(({ value }) => value);
  }
  return found.filter(({ start }) => Date.parse(String(start)) > nowMs - 20 * hourMs).map(({ value }) => value);
}

test.each(panels)('$title', async (panel) => {
  const shown = await ask(panel.query);
  const meant = expected(panel);
  // A selection that no document of many days meets is a slip of the board, not a day without data.
  expect(selected(panel.query).length).toBeGreaterThan(0);
  // A trend begins in the middle of a day, which may show or not.
  const isTrend = panel.query.includes('$range');
  expect(shown.length - meant.length).toBeLessThanOrEqual(isTrend ? 1 : 0);
  expect(isTrend ? shown.slice(-meant.length) : shown).toEqual(meant);
});

test('the board asks, and the ring has most of it today', () => {
  expect(panels.length).toBeGreaterThanOrEqual(14);
  expect(panels.filter((panel) => expected(panel).length > 0).length).toBeGreaterThan(panels.length / 2);
});
