// For everybody: no violation that axe finds, in every colour and width and state; keyboard alone is enough; nothing scrolls sideways or jumps;
// nothing is fetched from elsewhere and no policy is violated.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { z } from 'zod';
import { type Stage, startStage } from './application.ts';
import { desktop, launchBrowser, openPage, phone, untilDrawn } from './browser.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const variables = ['OURA_CLIENT_ID', 'OURA_CLIENT_SECRET'];
const notices = [{ text: 'This is a demo ring. Set OURA_CLIENT_ID and OURA_CLIENT_SECRET.', variables }];

let stage: Stage;
let browser: Browser;

beforeAll(async () => {
  stage = await startStage({ notices });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

const open = async (options: BrowserContextOptions = {}) => {
  const watched = await openPage(browser, `${stage.url}/dashboard`, options);
  await untilDrawn(watched.page);
  return watched;
};

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const { violations: found } = await axe.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
    );
  });
}

test('before anybody is known the page says how to begin, and axe finds nothing', async () => {
  const { page, complaints, close } = await openPage(browser, `${stage.url}/dashboard`);
  await page.waitForSelector('#welcome:not([hidden])');
  expect(await page.textContent('#welcome')).toContain('No ring yet');
  expect(await violations(page)).toEqual([]);
  const drawn = untilDrawn(page);
  await stage.connect(0, 'Anna');
  await drawn;
  expect(complaints).toEqual([]);
  await close();
});

test.each([
  ['light on a desktop', { ...desktop, colorScheme: 'light' }],
  ['dark on a desktop', { ...desktop, colorScheme: 'dark' }],
  ['light on a phone', { ...phone, colorScheme: 'light' }],
  ['dark on a phone', { ...phone, colorScheme: 'dark' }],
] as [string, BrowserContextOptions][])(
  'axe finds no violation: %s, closed and with everything open',
  async (_, options) => {
    const { page, complaints, close } = await open(options);
    expect(await violations(page)).toEqual([]);
    await page.$$eval('details', (all) => {
      for (const details of all) details.open = true;
    });
    await page.waitForSelector('#night-table td');
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  },
);

test.each([320, 390, 620, 768, 1024, 1280])(
  'nothing scrolls sideways at %s px, and no text is below 12 px',
  async (width) => {
    const { page, close } = await open({ viewport: { width, height: 800 } });
    const found = await page.evaluate(() => ({
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      sticking: [...document.querySelectorAll('main *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 120)),
      small: [...document.querySelectorAll('body *')]
        .filter((element) => {
          const hasText = [...element.childNodes].some(
            (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
          );
          return hasText && Number.parseFloat(getComputedStyle(element).fontSize) < 12;
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    }));
    expect(found).toEqual({ over: 0, sticking: [], small: [] });
    await close();
  },
);

test('no word of a picture is cut off at its edge, whichever night it shows', async () => {
  const { page, close } = await open({ locale: 'en-US' });
  for (let night = 0; night < 12; night += 1) {
    const cut = await page.$$eval('main svg text', (all) =>
      all
        .filter((text) => {
          const { left, right } = text.getBoundingClientRect();
          const edges = text.closest('svg')?.getBoundingClientRect();
          return edges && (left < edges.left - 0.5 || right > edges.right + 0.5);
        })
        .map((text) => text.textContent),
    );
    expect(cut).toEqual([]);
    const title = await page.locator('section:has(#night-chart) h2').textContent();
    await page.click('[aria-label="Earlier night"]');
    await page.waitForFunction(
      (last) => document.querySelector('section:has(#night-chart) h2')?.textContent !== last,
      title,
    );
  }
  await close();
});

test('what is loaded comes in the place that was kept for it', async () => {
  const { page, close } = await open();
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          resolve(list.getEntries().reduce((sum, entry) => sum + Number(Reflect.get(entry, 'value')), 0));
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(0), 300));
      }),
  );
  expect(shift).toBeLessThan(0.1);
  await close();
});

test('the keyboard alone reads the night and the trends', async () => {
  const { page, close } = await open();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to');
  await page.keyboard.press('Enter');
  for (const id of ['night-chart', 'trends-chart']) {
    for (let press = 0; press < 60 && (await page.evaluate(() => document.activeElement?.id)) !== id; press += 1)
      await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe(id);
    const words = () => page.getAttribute(`#${id}`, 'aria-valuetext');
    const first = await words();
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('ArrowRight');
    const second = await words();
    expect(second).not.toBe(first);
    await page.keyboard.press('Home');
    expect(await words()).toBe(first);
    await page.keyboard.press('End');
    expect(await words()).not.toBe(second);
    expect(await page.locator(`#${id} .cursor-line`).count()).toBe(1);
    const readout = await page.locator(`section:has(#${id}) .readout`).textContent();
    expect(readout?.length).toBeGreaterThan(10);
  }
  await close();
});

test('every picture has words, and colours are remembered', async () => {
  const { page, close } = await open();
  const silent = await page.$$eval('main svg', (all) =>
    all
      .filter((svg) => !svg.getAttribute('aria-label') && !svg.closest('[aria-hidden=true]'))
      .map((svg) => svg.outerHTML.slice(0, 100)),
  );
  expect(silent).toEqual([]);
  await page.selectOption('select[name=theme]', 'dark');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.reload();
  await untilDrawn(page);
  expect(await background()).toBe(dark);
  await close();
});

test('somebody who wants less motion gets none', async () => {
  const { page, close } = await open({ reducedMotion: 'reduce' });
  const animated = await page.evaluate(() => {
    const element = document.querySelector('.figure');
    element?.classList.add('arrived');
    return element ? getComputedStyle(element).animationName : '';
  });
  expect(animated).toBe('none');
  await close();
});

test('the page says that it is no medical device, and names the variables that connect a ring', async () => {
  const { page, close } = await open();
  const text = (await page.textContent('body')) ?? '';
  expect(text).toContain('Not a medical device');
  for (const name of variables) expect(await page.locator('#notices code', { hasText: name }).count()).toBe(1);
  await close();
});

const clockAnswer = z.looseObject({ clock: z.looseObject({ utc_offset_minutes: z.number() }) });

/** To a few minutes into the wearer's next day, before they can have slept in it. */
async function msToMidnight(): Promise<number> {
  const answer = await fetch(`${stage.url}/api/v1/people/Anna/today`);
  const { clock } = clockAnswer.parse(await answer.json());
  const dayMs = 86_400_000;
  const localMs = stage.nowMs() + clock.utc_offset_minutes * 60_000;
  return dayMs - (localMs % dayMs) + 5 * 60_000;
}

test('a day without a night says so, offers the one before, and axe finds nothing', async () => {
  await stage.advance(await msToMidnight());
  const { page, close } = await open();
  await page.waitForSelector('.big-none');
  expect(await page.textContent('#night-picture')).toContain('no data');
  expect(await page.getAttribute('#night-chart', 'role')).toBeNull();
  expect(await violations(page)).toEqual([]);
  await page.click('#night-picture button');
  await page.waitForSelector('#night-chart[role=slider] .night-chart');
  await close();
});
