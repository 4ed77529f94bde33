#!/usr/bin/env node
// The command's first file, in plain JavaScript so that any Node can read it: it makes sure that Node 24 runs the rest, with memory settings that fit a
// small machine. An npm script has Node 24 on its path already; elsewhere the copy that `npm ci` brought takes the place of an older one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const bundled = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const isNewEnough = Number(process.versions.node.split('.')[0]) >= neededMajor;
const tuned = 'OURA_STREAMING_MEMORY';

// Node sizes its heap by the machine and glibc keeps what was freed: after a year of history 540 MB stay resident on a large machine, so started
// 220 MB. Read when a process starts, so this one starts itself anew under the same id. `OURA_STREAMING_MEMORY=default` leaves it as it is.
const flags = ['--optimize-for-size'];
const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '1048576' };
const command = process.argv.slice(1);
const environment = { ...allocator, ...process.env, [tuned]: 'small' };
const canBeReplaced = typeof process.execve === 'function' && process.platform !== 'win32';

if (isNewEnough && !process.env[tuned] && command[1] === 'serve' && canBeReplaced) {
  process.execve(process.execPath, [process.execPath, ...flags, ...process.execArgv, ...command], environment);
} else if (isNewEnough) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(bundled)) {
  const child = spawn(bundled, command, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  console.error(
    `oura-streaming needs Node ${neededMajor} or newer and this is ${process.version}. Run \`npm ci\`, which brings it, or install it.`,
  );
  process.exitCode = 1;
}
