// `oura-streaming <command>`: the names, options and help of every command. This file alone reads the environment and `.env`; each command is
// loaded when it is called, so that help is instant. What a command does stands in commands/.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { describeUnknownName, findUnknownNames } from '../runtime/unknown-settings.ts';
import type { CommandContext } from './command-context.ts';
import type { PlaceOptions } from './data-place.ts';
import { exitCode, explain } from './exit-code.ts';
import { readEnvFile } from './read-env-file.ts';
import { serviceNames } from './service-names.ts';
import { createTerminal, type Terminal } from './terminal.ts';

type Run = (context: CommandContext) => Promise<number | undefined>;

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
};

const numberOf = (least: number, most: number) => (text: string) => {
  const number = wholeNumber(text);
  if (number < least || number > most) throw new InvalidArgumentError(`expected ${least} to ${most}`);
  return number;
};

/** On every command that reads data which may be the demo ring's. */
const demoOption = ['--demo', "the demo ring's data instead of your own"] as const;

const instant = (text: string): string => {
  if (Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('expected a time such as 2026-11-23T08:00:00Z, or a date');
  return text;
};

function buildProgram(execute: (run: Run) => Promise<void>): Command {
  const onData = (place: PlaceOptions, run: Run): Promise<void> =>
    execute(async (context) => run((await import('./data-place.ts')).choosePlace(context, place)));

  const program = new Command('oura-streaming')
    .description('Streams everything an Oura ring knows: archive, metrics, alerts and a live page.')
    .version(packageJson.version)
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 it did not work; 2 the command line or the settings are wrong; 3 it worked in part, and what did not is listed.',
    )
    .showHelpAfterError('(add --help to see what it takes)')
    .exitOverride();

  program
    .command('serve')
    .description(
      'Run the pipeline: every service in one process, or the one that is named (for a stack of containers).',
    )
    .argument('[service...]', `which services: ${serviceNames.join(', ')}; all of them when left out`)
    .option('--demo', 'show the demo ring, whatever else is set up')
    .addHelpText(
      'after',
      '\nWithout OURA_CLIENT_ID and data of your own it shows a demo ring. Settings come from the environment and .env; see the README.',
    )
    .action((services: string[], options) =>
      execute(async (c) => (await import('./commands/serve.ts')).serve(c, services, options)),
    );

  program
    .command('prepare')
    .description(
      'Make topics, tables, database roles and the bucket what this version needs, then end. Safe to repeat.',
    )
    .action(() => execute(async (c) => (await import('./commands/prepare.ts')).prepare(c)));

  program
    .command('topics')
    .description('Show how the topics are and how they should be.')
    .option('--apply', 'create and change what differs')
    .option('--json', 'print JSON')
    .action((options) => execute(async (c) => (await import('./commands/topics.ts')).topics(c, options)));

  program
    .command('copy-log')
    .description(
      'Copy the embedded log of DATA_DIR to Kafka, when one machine is not enough any more: same ids, same order.',
    )
    .action(() => execute(async (c) => (await import('./commands/copy-log.ts')).copyToKafka(c)));

  program
    .command('import')
    .description(
      'Take in what you already have: answers of the API, exports of other tools, the trends CSV of your Oura account.',
    )
    .argument('<file...>', 'JSON or CSV files')
    .option('--user <person>', 'whose data it is, by name or id; made when new', 'me')
    .option('--type <resource>', 'the resource, where the file does not tell it (such as sleep)')
    .option('--json', 'print the report as JSON')
    .action((files: string[], options) =>
      onData({ mayBeEmpty: true }, async (c) => (await import('./commands/import.ts')).importFiles(c, files, options)),
    );

  program
    .command('export')
    .description('Write every metric point, one row each.')
    .addOption(new Option('--format <format>', 'the form').choices(['tidy']).default('tidy'))
    .option('--csv', 'CSV instead of NDJSON')
    .option('--user <person>', 'one person only: a name, or the id of the column `user`, or that of Oura')
    .option('--from <day>', 'from this day or time on', instant)
    .option('--to <day>', 'up to this day (whole) or time', instant)
    .option('--as-of <time>', 'what was known then', instant)
    .option(...demoOption)
    .action((options) => onData(options, async (c) => (await import('./commands/export.ts')).exportTidy(c, options)));

  program
    .command('rebuild')
    .description('Make archive and metrics anew from the log, and switch to them at the end. Publishes nothing.')
    .option('--json', 'print the counts as JSON')
    .option(...demoOption)
    .action((options) => onData(options, async (c) => (await import('./commands/rebuild.ts')).rebuild(c, options)));

  program
    .command('status')
    .description('Is it running, is it well, how fresh is the data, what waits.')
    .option('--json', 'print JSON')
    .option(...demoOption)
    .action((options) => onData(options, async (c) => (await import('./commands/status.ts')).status(c, options)));

  program
    .command('simulate')
    .description('Run a stand-in for the Oura cloud, for demos and tests.')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'port; 0 for any that is free', numberOf(0, 65_535), 8090)
    .option('--users <count>', 'how many rings', numberOf(1, 10_000), 1)
    .option('--seed <number>', 'the same seed makes the same rings', wholeNumber, 1)
    .option('--history-days <days>', 'how far the rings go back', numberOf(1, 3650), 90)
    .option('--speed <factor>', 'simulated seconds per second', wholeNumber, 1)
    .option('--liveliness <factor>', 'syncs per natural sync; 90 is about two a minute', numberOf(1, 1000), 90)
    .option('--connect <url>', 'connect the rings to the pipeline at this address')
    .action((options) => execute(async (c) => (await import('./commands/simulate.ts')).simulate(c, options)));

  const deadLetters = program
    .command('dead-letters')
    .description('Messages that can never be handled: look at them, replay or discard them.');
  deadLetters
    .command('list')
    .description('One line each, oldest first.')
    .option('--json', 'print JSON')
    .option(...demoOption)
    .action((options) => onData(options, async (c) => (await import('./commands/dead-letters.ts')).list(c, options)));
  for (const [verb, description] of [
    ['show', 'Why, from where, its headers and its bytes.'],
    ['replay', 'Append it to its topic again, as it was.'],
    ['discard', 'Remove it for good.'],
  ] as const) {
    deadLetters
      .command(verb)
      .description(description)
      .argument('<id>', 'as `list` shows it')
      .option(...demoOption)
      .action((id: string, options) =>
        onData(options, async (c) => (await import('./commands/dead-letters.ts'))[verb](c, id)),
      );
  }

  const people = program.command('people').description('Whose data is here, and erasing somebody.');
  people
    .command('list')
    .description('One line each: name, id, connection, what is kept.')
    .option('--json', 'print JSON')
    .option(...demoOption)
    .action((options) => onData(options, async (c) => (await import('./commands/people.ts')).list(c, options)));
  people
    .command('erase')
    .description('Erase a person: the grant at Oura, every document, metric, alert and message. Cannot be undone.')
    .argument('<person>', 'a name, or an id as `people list` shows it')
    .option('--yes', 'do not ask')
    .option(...demoOption)
    .addHelpText('after', '\nBackups and exports made before still hold their data: delete those yourself.')
    .action((person: string, options) =>
      onData(options, async (c) => (await import('./commands/people-erase.ts')).erase(c, person, options)),
    );

  const alert = program.command('alert').description('Alert channels.');
  alert
    .command('test')
    .description('Send one test alert to every channel and say what each answered.')
    .option(...demoOption)
    .action((options) =>
      // Where alert is a process of its own, this one needs no data.
      onData({ ...options, mayBeEmpty: true }, async (c) => (await import('./commands/alert-test.ts')).alertTest(c)),
    );

  program
    .command('backup')
    .description('Copy everything, with the key, to a new folder. May run while the server runs.')
    .argument('<dir>', 'a folder that does not exist yet')
    .option(...demoOption)
    .action((dir: string, options) =>
      onData(options, async (c) => (await import('./commands/backup.ts')).backupTo(c, dir)),
    );
  program
    .command('restore')
    .description('Bring a backup back into an empty data folder.')
    .argument('<dir>', 'the folder `backup` wrote')
    .action((dir: string) => execute(async (c) => (await import('./commands/backup.ts')).restoreFrom(c, dir)));

  for (const command of [program, ...program.commands, ...deadLetters.commands, ...people.commands, ...alert.commands])
    command.exitOverride();
  return program;
}

/** Runs one command line. Resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // Whatever is written is this user's alone: logs and databases hold health data.
  process.umask(0o077);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const terminal = createTerminal({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
  });
  // Whoever reads our output may close it early (`| head`): that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCode.done : exitCode.failed),
  );
  let code: number = exitCode.done;
  const program = buildProgram(async (run) => {
    const file = readEnvFile('.env');
    for (const [name, value] of Object.entries(file)) process.env[name] ??= value;
    await noteUnknownVariables(terminal, Object.keys(file));
    code = (await run({ environment: process.env, terminal, signal: abort.signal })) ?? exitCode.done;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    const { message, code: failed } = explain(error);
    terminal.note(message);
    return failed;
  }
}

async function noteUnknownVariables(terminal: Terminal, file: readonly string[]): Promise<void> {
  const { knownVariables } = await import('./known-variables.ts');
  const environment = Object.keys(process.env).filter((name) => process.env[name]?.trim());
  for (const unknown of findUnknownNames({ known: knownVariables, environment, file, prefix: 'OURA_' }))
    terminal.note(describeUnknownName(unknown));
}
