// Which data a command is about: a person's own, or with --demo the demo ring's, which lie apart so that the two never mix. No command goes on
// silently beside what was meant: where nothing lies it says in which folder it looked and how to look elsewhere.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findFolderOwner } from '../runtime/data-folder.ts';
import type { Environment } from '../runtime/settings.ts';
import { readSettings } from '../runtime/settings.ts';
import { databaseFiles } from '../storage/backup/backup.ts';
import type { CommandContext } from './command-context.ts';
import { isEmbedded } from './engines.ts';
import { CommandError } from './exit-code.ts';
import { coreSettings, engineSettings } from './settings.ts';

const defaultFolder = 'data';
const engineSwitches = ['KAFKA_BROKERS', 'DATABASE_URL', 'INFLUX_URL'];

export const demoFolder = (dataDir: string): string => join(dataDir, 'demo');

/** The settings under which the demo's data is found: its own folder, and no engine that others share. */
export const demoPlace = (environment: Environment): Environment => ({
  ...environment,
  ...Object.fromEntries(engineSwitches.map((name) => [name, undefined])),
  DATA_DIR: demoFolder(environment.DATA_DIR?.trim() || defaultFolder),
});

/** Whether anything was ever stored there. Makes nothing. */
export const holdsData = (folder: string): boolean => databaseFiles.some((name) => existsSync(join(folder, name)));

/** Whether somebody has data here that is not the demo's: in the folder, or in an engine of the stack. */
export const hasOwnData = (environment: Environment): boolean =>
  engineSwitches.some((name) => environment[name]?.trim()) || holdsData(environment.DATA_DIR?.trim() || defaultFolder);

export interface PlaceOptions {
  demo?: boolean | undefined;
  /** The command can begin with nothing. */
  mayBeEmpty?: boolean;
}

/** The context of a command that works on data. @throws CommandError where there is none, SettingsError */
export function choosePlace(
  context: CommandContext,
  { demo = false, mayBeEmpty = false }: PlaceOptions,
): CommandContext {
  if (demo) {
    const environment = demoPlace(context.environment);
    const { DATA_DIR: folder } = readSettings(coreSettings, environment);
    if (!holdsData(folder))
      throw new CommandError(`There is no demo ring in ${folder}: \`oura-streaming serve --demo\` makes one.`);
    return { ...context, environment };
  }
  const settings = readSettings(engineSettings, context.environment);
  if (!isEmbedded(settings)) return context;
  const { DATA_DIR: folder } = settings;
  const beside = demoFolder(folder);
  const runs = findFolderOwner(folder) ? undefined : findFolderOwner(beside);
  if (!mayBeEmpty && !holdsData(folder))
    throw new CommandError(nothingIn(folder, { beside, hasDemo: holdsData(beside) }));
  if (runs)
    context.terminal.note(
      `This is about your own data in ${folder}. The demo ring that runs (process ${runs.pid}) has its data apart, in ${beside}${mayBeEmpty ? '' : ': add --demo for that'}.`,
    );
  return context;
}

const nothingIn = (folder: string, { beside, hasDemo }: { beside: string; hasDemo: boolean }): string =>
  hasDemo
    ? `There is no data of your own in ${folder}. The demo ring's is in ${beside}: add --demo for that.`
    : `There is no data in ${folder}: connect a ring, import a file, or set DATA_DIR to the folder where your data is.`;
