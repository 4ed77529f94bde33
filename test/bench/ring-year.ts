// The demo ring with a year of history, started with `npm start` as a person does: how long until the first page, how much memory it holds when the year is in
// and nothing more comes, how much disk the year takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { demoFolder } from '../../services/cli/data-place.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { freePort } from '../browser/free-port.ts';
import type { Bench } from './bench.ts';
import { inFolder, withEngines } from './embedded-files.ts';
import { median, megabytes, seconds, wholeNumber } from './figures.ts';

const days = 365;
const starts = 3;
const root = join(import.meta.dirname, '../..');
const lookEveryMs = 20;
const idleMs = 60_000;
const loadWithinMs = 15 * 60_000;

interface Started {
  url: string;
  firstPageMs: number;
  stop(): Promise<void>;
}

/** `npm start` in the repository; an empty variable keeps what a `.env` there says away. */
async function startDemo(folder: string, historyDays: number): Promise<Started> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const beganMs = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      DATA_DIR: folder,
      HTTP_PORT: String(port),
      PUBLIC_PORT: String(await freePort()),
      HISTORY_DAYS: String(historyDays),
      LOG_LEVEL: 'error',
      OURA_CLIENT_ID: '',
      OURA_CLIENT_SECRET: '',
    },
    stdio: 'ignore',
    detached: true,
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    // npm and what it started.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  const isThere = async () => (await fetch(`${url}/dashboard`).catch(() => undefined))?.ok;
  while (!(await isThere())) {
    if (child.exitCode !== null) throw new Error('npm start ended before the page was there');
    await systemClock.wait(lookEveryMs);
  }
  return { url, firstPageMs: performance.now() - beganMs, stop };
}

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** The whole history is read and every consumer has handled it. */
async function untilLoaded(url: string, folder: string): Promise<void> {
  for (const endMs = performance.now() + loadWithinMs; performance.now() < endMs; await systemClock.wait(2000)) {
    const open = await withEngines(folder, async ({ state }) => {
      const polls = await state.read
        .selectFrom('polls')
        .select('backfill_at_ms')
        .where('parked_reason', 'is', null)
        .execute();
      return polls.length === 0 || polls.some(({ backfill_at_ms: dueMs }) => dueMs !== null);
    });
    if (!open && (await metric(url, 'oura_consumer_lag_messages')) === 0) return;
  }
  throw new Error(`the history was not loaded within ${seconds(loadWithinMs)}`);
}

async function filesIn(folder: string): Promise<Record<string, number>> {
  const names = (await readdir(folder)).filter((name) => /\.db(-wal)?$/.test(name));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size])),
  );
}

export const bench: Bench = {
  name: 'ring-year',
  async run() {
    const firstPagesMs: number[] = [];
    for (let start = 0; start < starts; start += 1)
      await inFolder(async (folder) => {
        const started = await startDemo(folder, 90);
        firstPagesMs.push(started.firstPageMs);
        await started.stop();
      });
    return inFolder(async (dataDir) => {
      const { url, stop } = await startDemo(dataDir, days);
      const folder = demoFolder(dataDir);
      try {
        const beganMs = performance.now();
        await untilLoaded(url, folder);
        const loadedMs = performance.now() - beganMs;
        await systemClock.wait(idleMs);
        const residentBytes = await metric(url, 'process_resident_memory_bytes');
        const files = await filesIn(folder);
        const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
        return [
          {
            measure: '`npm start` to the first page, demo ring',
            value: seconds(median(firstPagesMs)),
            goal: '≤ 5 s',
            beside: firstPagesMs.map(seconds).join(', '),
          },
          {
            measure: `resident memory, idle after ${days} days of the demo ring`,
            value: megabytes(residentBytes),
            goal: '≤ 200 MB',
            beside: `pipeline and simulator in one process; the history was in after ${seconds(loadedMs)}, measured ${idleMs / 1000} s later`,
          },
          {
            measure: `disk after ${days} days of one ring`,
            value: megabytes(bytes),
            goal: '≤ 300 MB',
            beside: Object.entries(files)
              .filter(([, size]) => size > 0)
              .map(([name, size]) => `${name} ${wholeNumber(size / 1e6)}`)
              .join(', '),
          },
        ];
      } finally {
        await stop();
      }
    });
  },
};
