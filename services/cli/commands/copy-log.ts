// `copy-log`: the way from one machine to the stack. Copies the embedded log to the Kafka of KAFKA_BROKERS; may be called again after an
// interruption. The stack's consumers then read it from the start. The credentials of `state` are not copied: rings are connected again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '../../../schemas/topics.ts';
import { systemClock } from '../../runtime/clock.ts';
import { openDataFolder } from '../../runtime/data-folder.ts';
import { copyLog } from '../../runtime/log/copy-log.ts';
import { openSqliteLog } from '../../runtime/log/sqlite-log.ts';
import { readEngineSettings } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { openLog, prepareEngines } from '../engines.ts';
import { CommandError, exitCode } from '../exit-code.ts';

export async function copyToKafka(context: CommandContext): Promise<undefined> {
  const settings = readEngineSettings(context);
  if (!settings.KAFKA_BROKERS)
    throw new CommandError('KAFKA_BROKERS is not set: it says where to copy to.', exitCode.usage);
  const path = join(settings.DATA_DIR, 'log.db');
  if (!existsSync(path))
    throw new CommandError(
      `There is no log in ${settings.DATA_DIR}: set DATA_DIR to the folder of the server that you copy.`,
      exitCode.usage,
    );
  // Nothing is written meanwhile: what came later would be missing.
  const folder = openDataFolder(settings.DATA_DIR, 'copy-log');
  try {
    for (const difference of await prepareEngines(settings)) context.terminal.note(difference);
    const from = await openSqliteLog({ path, topics: topicNames });
    const to = await openLog(settings, systemClock);
    const progress = context.terminal.progress('messages');
    let copied = 0;
    try {
      await copyLog({
        from,
        to,
        topics: topicNames,
        onProgress({ records }) {
          progress.advance(records);
          copied += records;
        },
      });
    } finally {
      progress.end();
      await to.close();
      await from.close();
    }
    context.terminal.print(`${copied} messages stand in Kafka.`);
  } finally {
    folder.close();
  }
  return undefined;
}
