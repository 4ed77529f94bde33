// Where the keys of the secrets come from: SECRETS_KEY, or a file made once that only its owner may read. The file is part of a backup;
// without it the stored credentials are worth nothing, and the rings have to be connected again.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import { Failure } from './failure.ts';
import { secretsKeyBytes } from './secrets.ts';

export const secretsKeyFile = 'secrets.key';

export interface SecretsKeySource {
  /** SECRETS_KEY: one key, or several separated by commas, the newest first. */
  secretsKey: string | undefined;
  dataDir: string;
}

/** @throws Failure `configuration` with what to do */
export function loadSecretsKeys({ secretsKey, dataDir }: SecretsKeySource): Buffer[] {
  if (secretsKey) return parseSecretsKeys(secretsKey, 'SECRETS_KEY');
  const path = join(dataDir, secretsKeyFile);
  createOnce(path);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new Failure('configuration', `others can read ${path}: run "chmod 600 ${path}", or set SECRETS_KEY instead`);
  return parseSecretsKeys(readFileSync(path, 'utf8'), path);
}

/** @throws Failure `configuration`, without the text */
export function parseSecretsKeys(text: string, where: string): Buffer[] {
  return text.split(',').map((part) => {
    const key = decode(part.trim());
    if (key) return key;
    throw new Failure(
      'configuration',
      `${where}: expected 32 bytes as 64 hexadecimal digits or in base64; "openssl rand -hex 32" makes such a key`,
    );
  });
}

function decode(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const bytes = Buffer.from(text, 'base64');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && bytes.length === secretsKeyBytes ? bytes : undefined;
}

/** Durable before it is used: a key lost to a power cut would take every credential with it. */
function createOnce(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'EEXIST') return;
    throw new Failure('configuration', `cannot write ${path}: ${String(error)}`, { cause: error });
  }
  writeSync(file, `${randomBytes(secretsKeyBytes).toString('hex')}\n`);
  fsyncSync(file);
  closeSync(file);
}
