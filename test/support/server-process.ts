// `oura-streaming serve` as a real child process that a test may kill. What it says on its way down is kept for the message of a failing test.
// Leaves out who it serves: the environment tells it where everything is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../services/runtime/clock.ts';

export interface ServerOptions {
  /** Where it runs: a `.env` of the person who runs the tests must not be read. */
  folder: string;
  /** Everything the server knows; nothing of the test's own environment but PATH. */
  environment: Readonly<Record<string, string>>;
  /** Services of this process; all when left out. */
  services?: readonly string[];
  /** See crash-strike.ts. */
  crash?: string;
  /** Further arguments for Node, such as `--import`. */
  nodeArguments?: readonly string[];
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended, however. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  hasExited(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when `url` answers 200. @throws Error with what the server said when it ends or takes too long */
  answers(url: string, timeoutMs?: number): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** The last of what it wrote. */
  said(): string;
  /** From now on the crash point counts. */
  arm(): void;
  /** The commit at which its crash point struck. */
  struck(): string | undefined;
}

const running = new Set<ChildProcess>();

/** For the end of a test file: nothing may outlive it. */
export async function killServers(): Promise<void> {
  for (const child of [...running]) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'services/cli/bin.js');
const keptCharacters = 8_000;
const lookEveryMs = 20;

export function startServer({
  folder,
  environment,
  services = [],
  crash,
  nodeArguments = [],
}: ServerOptions): ServerProcess {
  const name = services.join('-') || 'all';
  const armed = join(folder, `${name}-armed`);
  const report = join(folder, `${name}-struck`);
  for (const file of [armed, report]) rmSync(file, { force: true });
  const imports = crash
    ? ['--import', join(import.meta.dirname, environment.DATABASE_URL ? 'crash-points-stack.ts' : 'crash-points.ts')]
    : [];
  const child = spawn(process.execPath, [...imports, ...nodeArguments, bin, 'serve', ...services], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      // Else it starts itself anew with memory settings, and every life of a test begins twice.
      OURA_STREAMING_MEMORY: 'default',
      ...environment,
      ...(crash && { CRASH_POINT: crash, CRASH_ARMED: armed, CRASH_REPORT: report }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-keptCharacters);
    });
  let ended = false;
  const exited = once(child, 'exit').then(([code, signal]) => {
    ended = true;
    return { code, signal };
  });
  return {
    child,
    exited,
    hasExited: () => ended,
    kill: (signal) => void child.kill(signal),
    async answers(url, timeoutMs = 60_000) {
      for (const endMs = Date.now() + timeoutMs; Date.now() < endMs; ) {
        if (ended) throw new Error(`the server ended before ${url} answered:\n${said}`);
        const answer = await fetch(url).catch(() => undefined);
        await answer?.arrayBuffer();
        if (answer?.ok) return;
        await systemClock.wait(lookEveryMs);
      }
      throw new Error(`${url} did not answer 200 within ${timeoutMs} ms:\n${said}`);
    },
    async stop() {
      child.kill('SIGTERM');
      return (await exited).code;
    },
    said: () => said,
    arm: () => writeFileSync(armed, ''),
    struck() {
      try {
        return readFileSync(report, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}
