// The page moves by itself: a webhook changes it without a reload; after a break it goes on where it was; people stay apart.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Stage, startStage } from './application.ts';
import { type BreakableLine, breakableLine } from './breakable-line.ts';
import { launchBrowser, openPage, untilDrawn } from './browser.ts';

let stage: Stage;
let browser: Browser;
let line: BreakableLine;
const hourMs = 3_600_000;

beforeAll(async () => {
  stage = await startStage();
  browser = await launchBrowser();
  line = await breakableLine(Number(new URL(stage.url).port));
  await stage.connect(0, 'Anna');
  await stage.connect(1, 'Ben');
});

afterAll(async () => {
  await browser?.close();
  await line?.close();
  await stage?.stop();
});

const open = async (query = '') => {
  const watched = await openPage(browser, `${line.url}/dashboard${query}`);
  await untilDrawn(watched.page);
  await watched.page.evaluate(() => Object.assign(window, { isSamePage: true }));
  return watched;
};

const isSamePage = (page: Page) => page.evaluate(() => 'isSamePage' in window);
const steps = async (page: Page) => Number(await page.getAttribute('[data-metric=steps]', 'data-value'));
const arrivedWebhook = '.event:has([data-derived=latency]):has([aria-label="announced, stored, measured"])';

test('a webhook changes the number on the page without a reload, and the feed shows how it came', async () => {
  const { page, complaints, close } = await open();
  const before = await steps(page);
  await stage.advance(2 * hourMs);
  await page.waitForFunction(
    (old) => Number(document.querySelector('[data-metric=steps]')?.getAttribute('data-value')) > old,
    before,
  );
  await page.waitForSelector(arrivedWebhook);
  expect(await isSamePage(page)).toBe(true);
  const rows = await stage.tidy('Anna');
  const now = await steps(page);
  expect(rows.some((row) => row.metric === 'steps' && row.day === '2026-11-23' && row.value === now)).toBe(true);
  expect(complaints).toEqual([]);
  await close();
});

test('a page whose line breaks says so, and goes on by itself with what it missed', async () => {
  const { page, close } = await open();
  const before = await steps(page);
  line.cut();
  await page.waitForSelector('.state.lost');
  expect(await page.textContent('.state')).toContain('Not connected');
  await stage.advance(2 * hourMs);
  await line.mend();
  await page.waitForSelector('.state.live');
  await page.waitForFunction(
    (old) => Number(document.querySelector('[data-metric=steps]')?.getAttribute('data-value')) > old,
    before,
  );
  expect(await isSamePage(page)).toBe(true);
  await close();
});

test('another person is another page, with nothing of the first', async () => {
  const { page, close } = await open();
  await page.selectOption('#person', { label: 'Ben' });
  await page.waitForURL(/user=/);
  await untilDrawn(page);
  const ids = await page.$$eval('[data-document]', (all) =>
    all.map((element) => element.getAttribute('data-document')),
  );
  const documents = new Set((await stage.tidy('Ben')).map((row) => row.document));
  expect(ids.length).toBeGreaterThan(30);
  expect(ids.filter((id) => !documents.has(id ?? ''))).toEqual([]);
  await close();
});

test('an earlier night can be shown, and the way back leads to last night', async () => {
  const { page, close } = await open();
  await page.click('[aria-label="Earlier night"]');
  await page.waitForSelector('h2:text-matches("Night to")');
  const shown = await page.$$eval('#night-legend [data-document]', (all) =>
    all.map((element) => element.getAttribute('data-start') ?? ''),
  );
  expect(shown.length).toBeGreaterThan(5);
  await page.click('[aria-label="Later night"]');
  await page.waitForSelector('h2:text-is("Last night")');
  await close();
});

test('a night that is shown in the place of an empty one leaves the legend its room', async () => {
  const { page, close } = await open();
  // Two at night: a new day, and the night to it lasts for hours.
  await stage.advance(12 * hourMs);
  await page.waitForSelector('#night-chart[data-empty]');
  await page.click('#night-picture button');
  await page.waitForSelector('#night-picture svg');
  const [picture, legend] = await page.evaluate(() =>
    ['#night-picture svg', '#night-legend'].map((selector) => {
      const { left, right } = document.querySelector(selector)?.getBoundingClientRect() ?? { left: 0, right: 0 };
      return { left, right };
    }),
  );
  expect(picture?.right).toBeGreaterThan(0);
  expect(picture?.right).toBeLessThanOrEqual(legend?.left ?? 0);
  await close();
});
