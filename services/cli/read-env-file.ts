// `.env` beside the person: its lines become variables where the environment has none of that name.
import { readFileSync } from 'node:fs';
import { parseEnv, types } from 'node:util';
import { CommandError, exitCode } from './exit-code.ts';

/** Empty when there is none. @throws CommandError when it is there and cannot be read */
export function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return {};
    const reason = types.isNativeError(error) ? error.message : String(error);
    throw new CommandError(
      `The settings in ${path} cannot be read (${reason}): let this user read the file, or remove it.`,
      exitCode.usage,
    );
  }
}
