// The command line as a person meets it: what is refused, in which words, and that nothing is touched before.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../browser/free-port.ts';
import { runCommand } from '../support/run-command.ts';
import { killServers, startServer } from '../support/server-process.ts';

const sample = join(import.meta.dirname, '../fixtures/samples/androosk_oura-sleep-tracker/daily_sleep.realistic.json');

let folder = '';
const others: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oura-streaming-command-'));
});
afterEach(async () => {
  await killServers();
  for (const other of others.splice(0)) other.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: string[], environment: Record<string, string> = {}) => runCommand(args, { folder, environment });

async function takenPort(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  others.push(other);
  await new Promise((done) => other.once('listening', done));
  return String((other.address() as AddressInfo).port);
}
const freePorts = async () => ({ HTTP_PORT: String(await freePort()), PUBLIC_PORT: String(await freePort()) });

test.each([['serve'], ['import', sample]])('%s on a folder that cannot be made is refused at once', async (...args) => {
  const { code, stderr } = await run(args, { DATA_DIR: '/proc/nope', ...(await freePorts()) });
  expect(stderr).toMatch(
    /the data folder \/proc\/nope.* cannot be used .*set DATA_DIR to a folder that this user may write to/,
  );
  expect(code).toBe(1);
});

test('ports in use are found before anything is touched, both at once', async () => {
  const environment = { HTTP_PORT: await takenPort(), PUBLIC_PORT: await takenPort() };
  const { code, stderr } = await run(['serve'], environment);
  expect(stderr).toMatch(/the page cannot listen on .*another program uses this port.* HTTP_PORT=\d+/);
  expect(stderr).toMatch(/what Oura reaches cannot listen on .*another program uses this port.* PUBLIC_PORT=\d+/);
  expect(code).toBe(1);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('every wrong setting is told before a demo ring is made', async () => {
  const { code, stderr } = await run(['serve'], { HTTP_PORT: 'x', HISTORY_DAYS: 'many' });
  expect(stderr).toMatch(/HTTP_PORT: expected a port number/);
  expect(stderr).toMatch(/HISTORY_DAYS: expected a whole number/);
  expect(code).toBe(2);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test.each([['export'], ['status'], ['backup', 'copy'], ['dead-letters', 'show', 'x']])(
  '%s without data says in which folder it looked, and makes nothing',
  async (...args) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toBe(
      'There is no data in data: connect a ring, import a file, or set DATA_DIR to the folder where your data is.\n',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  },
);

test('a misspelt variable is told beside what the command says', async () => {
  writeFileSync(join(folder, '.env'), 'SLACK_WEBHOK_URL=https://hooks.slack.example/x\n');
  const { stderr } = await run(['status'], { OURA_CLINT_ID: 'id' });
  expect(stderr).toContain('Did you mean SLACK_WEBHOOK_URL?');
  expect(stderr).toContain('Did you mean OURA_CLIENT_ID?');
});

test('the demo ring and what was imported beside it stay apart, and each is found', async () => {
  const environment = { ...(await freePorts()), HISTORY_DAYS: '2' };
  const page = `http://127.0.0.1:${environment.HTTP_PORT}`;
  const demo = startServer({ folder, environment });
  await demo.answers(`${page}/readyz`);
  expect((await run(['status'], environment)).stderr).toMatch(
    /no data of your own in data\. .* in data\/demo: add --demo/,
  );
  expect((await run(['status', '--demo'], environment)).stdout).toMatch(/runs as process \d+ at .*data: data\/demo/);

  const imported = await run(['import', '--user', 'Anna', sample], environment);
  expect(imported.stdout).toMatch(/documents? imported/);
  expect(imported.stderr).toMatch(/your own data in data\. .*demo ring that runs .* apart, in data\/demo\./);
  const own = await run(['export'], environment);
  expect(own.stdout.split('\n').length).toBeGreaterThan(5);
  expect(own.stderr).toMatch(/add --demo for that/);
  await demo.stop();

  const server = startServer({ folder, environment });
  await server.answers(`${page}/readyz`);
  expect(await (await fetch(`${page}/dashboard`)).text()).toContain('No application at Oura is set up');
  expect(await (await fetch(`${page}/api/v1/people`)).json()).toEqual([expect.objectContaining({ name: 'Anna' })]);
  const other = await run(['serve'], { ...environment, ...(await freePorts()) });
  expect(other.stderr).toMatch(
    /another process \(serve .*process id \d+, http:\S+\) uses the data in data: stop it first/,
  );
});

test('a person is erased by name while the server runs, after a question, and never by accident', async () => {
  const environment = { ...(await freePorts()), HISTORY_DAYS: '2' };
  const page = `http://127.0.0.1:${environment.HTTP_PORT}`;
  const demo = startServer({ folder, environment });
  await demo.answers(`${page}/readyz`);
  const people = async (): Promise<{ name: string; user: string; connection: string }[]> =>
    JSON.parse((await run(['people', 'list', '--demo', '--json'], environment)).stdout);
  while ((await people())[0]?.connection !== 'active') if (demo.hasExited()) throw new Error(demo.said());

  const unasked = await run(['people', 'erase', 'Demo', '--demo'], environment);
  expect([unasked.code, unasked.stderr]).toEqual([
    1,
    expect.stringMatching(/Type the name to go on: .*Nothing was erased/s),
  ]);
  expect((await run(['people', 'erase', 'Carl', '--demo', '--yes'], environment)).stderr).toMatch(/Here are: Demo\./);
  expect(await people()).toHaveLength(1);

  const erased = await run(['people', 'erase', 'Demo', '--demo', '--yes'], environment);
  expect(erased.stdout).toMatch(
    /Demo is erased: no table and no topic .*\nOura confirmed that the grant has ended\.\n/,
  );
  expect(erased.code).toBe(0);
  expect(await people()).toEqual([]);
  expect((await run(['export', '--demo'], environment)).stdout).toBe('');
  expect(await (await fetch(`${page}/api/events`)).json()).toEqual([]);
  expect(await demo.stop()).toBe(0);
});

test.each([
  [['simulate', '--users', '0'], /--users .*expected 1 to 10000/],
  [['simulate', '--port', '99999'], /--port .*expected 0 to 65535/],
  [['import', '.'], /^\. is a folder: name the files in it, such as \.\/\*\.json\.\n$/],
  [['import', 'nowhere.json'], /^There is no file nowhere\.json\.\n$/],
] as const)('%j is refused in a sentence', async (args, sentence) => {
  const { code, stderr } = await run([...args]);
  expect(stderr).toMatch(sentence);
  expect(code).toBe(2);
});
