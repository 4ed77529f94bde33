// A real Chromium (CHROMIUM_PATH, or where Debian puts it), and pages that remember everything that must not happen: errors, violations of the
// content security policy, requests to anywhere but the application.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const places = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launchBrowser(): Promise<Browser> {
  const executablePath = places.find((path) => path && existsSync(path));
  if (!executablePath)
    throw new Error('These tests need Chromium: install it (apt-get install chromium) or set CHROMIUM_PATH to it.');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath, args });
}

export interface WatchedPage {
  page: Page;
  /** Sentences; empty when all is well. */
  complaints: string[];
  close(): Promise<void>;
}

export const desktop = { viewport: { width: 1280, height: 900 } } as const;
export const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
} as const;

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-GB', ...desktop, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const own = new URL(url).host;
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== 'data:' && host !== own) complaints.push(`request to ${host}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy violated: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Until the page shows data. */
export const untilDrawn = (page: Page): Promise<unknown> => page.waitForSelector('body:not(.loading)');
