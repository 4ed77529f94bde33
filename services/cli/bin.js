#!/usr/bin/env node
// The command's first file, in plain JavaScript so that any Node can read it: it makes sure that Node 24 runs the rest. An npm script has
// that on its path already; elsewhere the copy that `npm ci` brought is started in place of an older one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const bundled = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(bundled)) {
  const child = spawn(bundled, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  console.error(
    `oura-streaming needs Node ${neededMajor} or newer and this is ${process.version}. Run \`npm ci\`, which brings it, or install it.`,
  );
  process.exitCode = 1;
}
