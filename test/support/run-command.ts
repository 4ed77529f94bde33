// One command line of `oura-streaming` as a process of its own, to its end.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
}

const bin = join(import.meta.dirname, '../../services/cli/bin.js');
// A command that hangs is a failure that says so.
const patienceMs = 30_000;

export function runCommand(
  args: readonly string[],
  { folder, environment = {} }: { folder: string; environment?: Readonly<Record<string, string>> },
): Promise<CommandEnd> {
  const env = { PATH: process.env.PATH, OURA_STREAMING_MEMORY: 'default', ...environment };
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, env, timeout: patienceMs },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number')
          reject(new Error(`${args.join(' ')} did not end: ${stdout}${stderr}`));
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    // Nobody types.
    child.stdin?.end();
  });
}
