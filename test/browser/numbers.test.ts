// Every number of the page is a row of the tidy export, shown in its unit; what was computed is recomputed here from the export; and there is
// no other number.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { TidyRow } from '../../services/export/tidy.ts';
import { shown } from '../../services/live/page/format.ts';
import { placementMs } from '../../services/storage/metric-store/placement.ts';
import { type Stage, startStage } from './application.ts';
import { launchBrowser, openPage, untilDrawn, type WatchedPage } from './browser.ts';

let stage: Stage;
let browser: Browser;
let watched: WatchedPage;
let rows: TidyRow[];

beforeAll(async () => {
  stage = await startStage();
  browser = await launchBrowser();
  await stage.connect(0, 'Anna');
  watched = await openPage(browser, `${stage.url}/dashboard`);
  await untilDrawn(watched.page);
  await openEverything(watched.page);
  rows = await stage.tidy('Anna');
});

afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

async function openEverything(page: Page) {
  await page.$$eval('details', (all) => {
    for (const details of all) details.open = true;
  });
  await page.waitForSelector('#night-table td');
  await page.waitForSelector('#trends-table td');
}

interface ShownNumber {
  text: string;
  value: number;
  data: Record<string, string | undefined>;
}

const shownNumbers = (page: Page): Promise<ShownNumber[]> =>
  page.$$eval('[data-value][data-metric]', (elements) =>
    elements.map((element) => ({
      text: element.textContent ?? '',
      value: Number(element.getAttribute('data-value')),
      data: { ...(element as HTMLElement).dataset },
    })),
  );

function rowOf({ value, data }: ShownNumber): TidyRow | undefined {
  return rows.find(
    (row) =>
      row.metric === data.metric &&
      row.resource === data.resource &&
      row.value === value &&
      (data.aggregation === undefined || row.aggregation === data.aggregation) &&
      (data.document === undefined || row.document === data.document) &&
      (data.start === undefined || row.start === data.start) &&
      (data.day === undefined || row.day === data.day) &&
      (data.startMs === undefined || placementMs(String(row.start)) === Number(data.startMs)),
  );
}

test('the page shows hundreds of numbers, and each is a row of the tidy export in its unit', async () => {
  const numbers = await shownNumbers(watched.page);
  expect(numbers.length).toBeGreaterThan(150);
  const units = { units: 'metric' } as const;
  const problems = numbers.flatMap((number) => {
    const row = rowOf(number);
    if (!row) return [`${number.text}: no row for ${JSON.stringify(number.data)}`];
    const { text, unit } = shown(Number(row.value), String(row.unit), units);
    return number.text.includes(text) && number.text.includes(unit) ? [] : [`${number.text} should be ${text} ${unit}`];
  });
  expect(problems).toEqual([]);
});

test.each(['readiness', 'sleep', 'activity'])('the %s score is here with all its contributors', async (name) => {
  const metrics = (await shownNumbers(watched.page)).map(({ data }) => data.metric ?? '');
  expect(metrics).toContain(`score_${name}`);
  expect(metrics.filter((metric) => metric.startsWith(`score_${name}_`)).length).toBeGreaterThanOrEqual(6);
});

test('everything the page promises of a night and a day is here', async () => {
  const metrics = new Set((await shownNumbers(watched.page)).map(({ data }) => data.metric));
  const promised = [
    'heart_rate_min_sleep',
    'heart_rate_mean_sleep',
    'heart_rate_variability_rmssd_mean_sleep',
    'oxygen_saturation',
    'skin_temperature_deviation',
    'steps',
    'sleep_deep_duration',
    'sleep_rem_duration',
    'ring_battery_level',
  ];
  expect(promised.filter((metric) => !metrics.has(metric))).toEqual([]);
});

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (sorted.length - 1) * share;
  const low = sorted[Math.floor(rank)] ?? 0;
  return low + ((sorted[Math.ceil(rank)] ?? low) - low) * (rank - Math.floor(rank));
}

test('the usual range beside readiness is that of the 28 days before in the export', async () => {
  const values = rows
    .filter((row) => row.resource === 'daily_readiness' && row.metric === 'score_readiness')
    .filter((row) => String(row.day) >= '2026-10-26' && String(row.day) <= '2026-11-22')
    .map((row) => Number(row.value));
  const range = `${Math.round(quantile(values, 0.1))}–${Math.round(quantile(values, 0.9))}`;
  const shownRange = await watched.page.textContent(
    '#score-readiness >> xpath=ancestor::section >> css=[data-derived=usual]',
  );
  expect(shownRange).toBe(range);
});

test('a day of the trends without a row says "no data", and one with a row never does', async () => {
  const table = await watched.page.$$eval('#trends-table tbody tr', (lines) =>
    lines.map((line) => [...line.children].map((cell) => cell.textContent ?? '')),
  );
  const resources = ['daily_readiness', 'daily_sleep', 'daily_activity'];
  const days = [...table]
    .reverse()
    .map((_, index) => new Date(Date.parse('2026-10-25') + index * 86_400_000).toISOString().slice(0, 10));
  const expected = days.map((day) =>
    resources.map((resource) => {
      const row = rows.find(
        (item) =>
          item.resource === resource && item.day === day && item.metric === resource.replace('daily_', 'score_'),
      );
      return row ? String(row.value) : 'no data';
    }),
  );
  expect(table.map(([, ...cells]) => cells).reverse()).toEqual(expected);
});

test('there is no number that neither comes from the export, nor is computed from it, nor is a time', async () => {
  const strangers = await watched.page.evaluate(() => {
    const allowed =
      'noscript, #announcer, [data-value], [data-derived], time, .as-of, .small, .badge, .chip, .event, .alert, .hello, .parts, .headline, svg, select, th, .of, .readout, summary, .stepper, caption, h2, script, [hidden], label, .state';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      if (/\d/.test(text) && !node.parentElement?.closest(allowed)) found.push(text.trim());
    }
    return found;
  });
  expect(strangers.filter((text) => !text.startsWith('Not a medical device'))).toEqual([]);
});
