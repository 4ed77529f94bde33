// Runs every command of the README in a fresh clone, as a new user would: each line of an `sh` block has to be known to this table, so a command
// that is added or changed without a test fails here. What needs Docker is run by test/compose/run, which this checks to hold the same lines.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'oura-readme-'));
const clone = join(folder, 'oura-streaming');
const sample = join(root, 'test/fixtures/samples/jeff-kohn_oura_charts/sleep.json');

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });

const environment: NodeJS.ProcessEnv = {
  ...withoutProject(process.env),
  HTTP_PORT: String(await freePort()),
  PUBLIC_PORT: String(await freePort()),
};

/** The environment of a new user: nothing of this project's npm, no settings. */
function withoutProject(all: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = (all.PATH ?? '').split(':').filter((part) => !part.includes('node_modules'));
  const kept = Object.entries(all).filter(
    ([name]) => !/^(npm_(package|lifecycle|execpath|node)|OURA_|DATA_DIR|HTTP_|INIT_CWD)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}

/** For the tests, the longest command, on a slow machine. */
const commandMs = 15 * 60_000;
const startMs = 5 * 60_000;

type Command = ReturnType<typeof begin>;
const running = new Set<Command>();

/** Each command leads a group, which is ended as a whole. */
function begin(command: string, extra: NodeJS.ProcessEnv = {}) {
  const child = spawn('sh', ['-c', command], {
    cwd: clone,
    env: { ...environment, ...extra },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  const closed = once(child, 'close').finally(() => running.delete(begun));
  const begun = { child, closed, said: () => Buffer.concat(parts).toString() };
  running.add(begun);
  return begun;
}

function signal({ child }: Command, name: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, name);
  } catch {
    // Nothing of it is left.
  }
}

// Whoever ends this ends what it began.
for (const name of ['SIGTERM', 'SIGINT'] as const)
  process.on(name, () => {
    for (const command of running) signal(command, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });

async function shell(command: string, extra?: NodeJS.ProcessEnv): Promise<string> {
  const begun = begin(command, extra);
  const late = setTimeout(() => signal(begun, 'SIGKILL'), commandMs);
  const [code] = await begun.closed;
  clearTimeout(late);
  if (code !== 0) throw new Error(code === null ? `not done after ${commandMs / 60_000} minutes` : `exit code ${code}`);
  return begun.said();
}

let server: Command | undefined;

/** Starts the server and waits until the address it prints answers. */
async function start(command: string): Promise<void> {
  server = begin(command);
  const { child, said } = server;
  const endMs = Date.now() + startMs;
  for (;;) {
    const address = /http:\/\/localhost:\d+\/dashboard/.exec(said())?.[0];
    const answer = address ? await fetch(address).catch(() => undefined) : undefined;
    if (answer?.ok && (await answer.text()).includes('<html')) return;
    if (child.exitCode !== null || Date.now() > endMs) throw new Error(`no page: ${said()}`);
    await wait(200);
  }
}

async function stop(): Promise<void> {
  if (!server) return;
  signal(server, 'SIGTERM');
  await server.closed;
}

const expectText = (text: string, pattern: RegExp) => {
  if (!pattern.test(text)) throw new Error(`expected ${pattern}, got: ${text.slice(0, 400)}`);
};

/** What is done with each command, in the README's order. The server of `npm start` keeps running until `restore`. */
const table: readonly [RegExp, (command: string) => unknown][] = [
  [/^npm ci && npm start$/, start],
  [/^npm ci && npm test$/, (command) => shell(command.replace('npm ci && ', ''))],
  [
    /^npx oura-streaming import --user me FILE…$/,
    async (command) => expectText(await shell(command.replace('FILE…', sample)), /\d+ documents? imported/),
  ],
  [
    /^npx oura-streaming export .*> \S+$/,
    async (command) => {
      await shell(command);
      const file = command.split('> ')[1] ?? '';
      if (statSync(join(clone, file)).size === 0 && !command.includes('as-of')) throw new Error(`${file} is empty`);
    },
  ],
  [
    /^npx oura-streaming backup \S+$/,
    async (command) => expectText(await shell(command), /holds state\.db, store\.db, log\.db/),
  ],
  [
    /^npx oura-streaming restore \S+$/,
    async (command) => {
      await stop();
      expectText(await shell(command, { DATA_DIR: join(folder, 'restored') }), /restored/i);
    },
  ],
  [/^sh deploy\/write-env\.sh$/, heldByComposeCheck],
  [/^docker compose up -d --build --wait$/, heldByComposeCheck],
];

/** The composed stack has its own check, which needs Docker; here its lines are only held to be the README's. */
function heldByComposeCheck(command: string): void {
  const check = readFileSync(join(root, 'test/compose/run'), 'utf8');
  const essential = command.replace(/ --build --wait$/, '');
  if (!check.includes(essential)) throw new Error(`test/compose/run does not run \`${essential}\``);
}

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) => String(block[1]).trim().split('\n'));
const inline = [...readme.matchAll(/`npx oura-streaming ([a-z-]+)/g)].map((match) => String(match[1]));

let failed = 0;
let passed = 0;
async function check(name: string, work: () => unknown): Promise<void> {
  try {
    await work();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone]);
  await check('the README has commands', () => {
    if (commands.length < 6) throw new Error(`only ${commands.length} found`);
  });
  for (const command of commands) {
    await check(command, async () => {
      const known = table.find(([pattern]) => pattern.test(command));
      if (!known) throw new Error('this command is not in the table of test/readme/run.ts');
      await known[1](command);
    });
  }
  for (const command of new Set(inline)) {
    await check(`npx oura-streaming ${command} --help`, async () =>
      expectText(await shell(`npx oura-streaming ${command} --help`), /Usage:/),
    );
  }
  await check('npm ci --omit=dev && npm start', async () => {
    await stop();
    await start('npm ci --omit=dev && npm start');
    await stop();
  });
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`Tests: ${passed} passed${failed ? `, ${failed} failed` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
