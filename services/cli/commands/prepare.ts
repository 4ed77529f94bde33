// `prepare`: makes topics, tables, roles and the bucket what this version needs. The stack runs it once per `up`, before the services, as the owner
// of the database; whole servers (`serve` without names) do the same by themselves.
import { systemClock } from '../../runtime/clock.ts';
import { readSettings } from '../../runtime/settings.ts';
import { applyRoles } from '../../storage/roles-apply.ts';
import type { CommandContext } from '../command-context.ts';
import { openEngines, prepareEngines } from '../engines.ts';
import { exitCode } from '../exit-code.ts';
import { prepareSettings } from '../settings.ts';

export async function prepare(context: CommandContext): Promise<number> {
  const { terminal } = context;
  const settings = readSettings(prepareSettings, context.environment);
  const differences = await prepareEngines(settings);
  for (const difference of differences) terminal.note(difference);
  const engines = await openEngines(settings, systemClock);
  try {
    const { DATABASE_URL, DATABASE_ROLE_PASSWORD: password } = settings;
    if (DATABASE_URL && password) await applyRoles({ state: engines.state, password });
  } finally {
    await engines.close();
  }
  terminal.print(
    differences.length === 0
      ? 'Topics, tables, roles and bucket are as this version needs them.'
      : 'Tables, roles and bucket are as this version needs them, the topics as far as the cluster allows it.',
  );
  return exitCode.done;
}
