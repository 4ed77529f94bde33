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
/** As deploy/README.md runs one. Its exit code is 0, or this rejects with what it said. */
export const command = async (...words: string[]): Promise<string> =>
  (await run('docker', ['compose', 'run', '--rm', '-T', ...words], { maxBuffer: 256 << 20 })).stdout;
export const get = async <T>(path: string): Promise<T> => {
  const answer = await fetch(page + path, { headers: { authorization } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()) as T;
};

export const select = async (sql: string): Promise<string[]> =>
  (await exec('postgres', 'psql', '-U', 'oura', '-d', 'oura', '-tAc', sql)).trim().split('\n').filter(Boolean);

/** What moves the simulated cloud, from inside of its container: it is not published. */
export const simulator = 'http://127.0.0.1:8090/_simulator';
export const inSimulator = (script: string): Promise<string> =>
  exec('simulator', 'node', '--input-type=module', '-e', script);

/** Oura's id of the demo's wearer. */
export async function wearerId(): Promise<string> {
  const state = await inSimulator(`process.stdout.write(await (await fetch('${simulator}/state')).text())`);
  return (JSON.parse(state) as { users: { ouraUserId: string }[] }).users[0]?.ouraUserId ?? '';
}

/** The cloud says that a document of the wearer changed, whatever the wearer does at this hour. Nobody hears it before there are subscriptions. */
export async function notify(dataType: string, objectId: string): Promise<void> {
  const body = JSON.stringify({ ouraUserId: await wearerId(), dataType, eventType: 'update', objectId });
  await inSimulator(`await fetch('${simulator}/notify', { method: 'POST', body: '${body}' })`);
}

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
