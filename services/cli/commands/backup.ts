// `backup` and `restore` of the embedded data. The engines of the stack have backups of their own.
import packageJson from '../../../package.json' with { type: 'json' };
import { backup } from '../../storage/backup/backup.ts';
import { restore } from '../../storage/backup/restore.ts';
import { readEngineSettings } from '../access.ts';
import type { CommandContext } from '../command-context.ts';

const shares = 100;

export async function backupTo(context: CommandContext, target: string): Promise<undefined> {
  const { DATA_DIR } = readEngineSettings(context);
  const progress = context.terminal.progress('backup', shares);
  let shown = 0;
  const manifest = await backup({
    dataDir: DATA_DIR,
    target,
    appVersion: packageJson.version,
    nowMs: Date.now(),
    onProgress(share) {
      const now = Math.floor(share * shares);
      progress.advance(now - shown);
      shown = now;
    },
  });
  progress.end();
  context.terminal.print(
    `${target} holds ${manifest.files.map(({ name }) => name).join(', ')}. Keep it as safe as the data itself.`,
  );
  return undefined;
}

export async function restoreFrom(context: CommandContext, source: string): Promise<undefined> {
  const { DATA_DIR } = readEngineSettings(context);
  const { done } = await restore({ source, dataDir: DATA_DIR });
  for (const sentence of done) context.terminal.print(sentence);
  return undefined;
}
