// What the checks of the composed stack share: the page from outside, commands inside its containers, patience, and one line per check.
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

process.loadEnvFile('.env');
export const page = `http://127.0.0.1:${process.env.HTTP_PORT}`;
export const authorization = `Bearer ${process.env.HTTP_PASSWORD}`;
export const run = promisify(execFile);
const patienceMs = 120_000;

export const exec = async (service: string, ...command: string[]): Promise<string> =>
  (await run('docker', ['compose', 'exec', '-T', service, ...command], { maxBuffer: 64 << 20 })).stdout;
export const get = async <T>(path: string): Promise<T> => {
  const answer = await fetch(page + path, { headers: { authorization } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()) as T;
};

/** Asks until the answer satisfies, and fails with the last one. */
export async function until<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await ask();
      if (satisfies(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > endMs)
      throw new Error(`still: ${String(JSON.stringify(last) ?? last).slice(0, 500)} ${String(last).slice(0, 300)}`);
    await wait(1000);
  }
}

/** Runs the checks in order; each needs the ones before it, so the first that fails ends the run with exit code 1. */
export async function runChecks(checks: Record<string, () => Promise<void>>): Promise<void> {
  let passed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
      break;
    }
  }
  console.log(`Tests: ${passed} passed${process.exitCode ? ', 1 failed' : ''}`);
}
