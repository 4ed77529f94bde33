// The embedded engines in a folder of their own, for benchmarks that need no HTTP.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engines, openEngines } from '../../services/cli/engines.ts';
import { engineSettings } from '../../services/cli/settings.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { readSettings } from '../../services/runtime/settings.ts';

/** Makes a folder, does the work and removes it. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens the engines of a folder, does the work and closes them. */
export async function withEngines<Result>(
  folder: string,
  work: (engines: Engines) => Promise<Result>,
): Promise<Result> {
  const engines = await openEngines(readSettings(engineSettings, { DATA_DIR: folder }), systemClock);
  try {
    return await work(engines);
  } finally {
    await engines.close();
  }
}

/** In pieces that the log takes at once. */
export async function appendAll<Item>(
  { log }: Pick<Engines, 'log'>,
  items: readonly Item[],
  toRecord: (item: Item) => Parameters<Engines['log']['append']>[0][number],
): Promise<void> {
  const atOnce = 1000;
  for (let from = 0; from < items.length; from += atOnce)
    await log.append(items.slice(from, from + atOnce).map(toRecord));
}
