// Puts a backup back into a data folder. Never overwrites data, verifies every file before it writes the first, and gives the files their
// names only when all of them are there, so a restore that was interrupted leaves no half of a database behind.
import { existsSync } from 'node:fs';
import { chmod, copyFile, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataFolder } from '../../runtime/data-folder.ts';
import { Failure } from '../../runtime/failure.ts';
import { secretsKeyFile } from '../../runtime/secrets-key.ts';
import { databaseFiles, plainFiles } from './backup.ts';
import { type BackupManifest, backupManifest, describeFile, manifestFile } from './manifest.ts';

export interface RestoreRequest {
  /** The folder of the backup. */
  source: string;
  dataDir: string;
}

export interface RestoreReport {
  manifest: BackupManifest;
  /** Sentences for the operator: what was done and what is left to do. */
  done: readonly string[];
}

/** @throws Failure `configuration`: no backup, a damaged one, or a data folder in use */
export async function restore({ source, dataDir }: RestoreRequest): Promise<RestoreReport> {
  const manifest = await readManifest(source);
  await verify(source, manifest);
  const folder = openDataFolder(dataDir, 'restore');
  try {
    refuseToOverwrite(dataDir);
    await copyAll(source, dataDir, manifest);
  } finally {
    folder.close();
  }
  return { manifest, done: describeRestore(dataDir, manifest) };
}

async function readManifest(source: string): Promise<BackupManifest> {
  const path = join(source, manifestFile);
  if (!existsSync(path))
    throw new Failure(
      'configuration',
      `${source} holds no complete backup (${manifestFile} is missing): name the folder that "backup" wrote`,
    );
  try {
    return backupManifest.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Failure(
      'configuration',
      `${path} cannot be read by this version: restore with the version that wrote it`,
      { cause },
    );
  }
}

async function verify(source: string, { files }: BackupManifest): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const found = existsSync(join(source, name)) ? await describeFile(source, name) : undefined;
    if (found?.sha256 !== sha256 || found.bytes !== bytes)
      throw new Failure(
        'configuration',
        `${join(source, name)} is ${found ? 'not what was backed up' : 'missing'}: use another backup`,
      );
  }
}

function refuseToOverwrite(dataDir: string): void {
  const there = [...databaseFiles, ...plainFiles].filter((name) => existsSync(join(dataDir, name)));
  if (there.length > 0)
    throw new Failure(
      'configuration',
      `${dataDir} holds data already (${there.join(', ')}) and restore never overwrites: move it away, or set DATA_DIR to another folder`,
    );
}

const draft = (name: string) => `${name}.restoring`;

async function copyAll(source: string, dataDir: string, { files }: BackupManifest): Promise<void> {
  try {
    for (const { name } of files) {
      const path = join(dataDir, draft(name));
      await copyFile(join(source, name), path);
      await chmod(path, 0o600);
      const file = await open(path, 'r+');
      await file.sync();
      await file.close();
    }
  } catch (cause) {
    for (const { name } of files) await rm(join(dataDir, draft(name)), { force: true });
    throw new Failure('configuration', `cannot write to ${dataDir}: is there room, and the right to write?`, { cause });
  }
  for (const { name } of files) await rename(join(dataDir, draft(name)), join(dataDir, name));
}

function describeRestore(dataDir: string, { files, takenAt, appVersion }: BackupManifest): string[] {
  const names = files.map(({ name }) => name);
  return [
    `${names.join(', ')} of ${takenAt} (oura-streaming ${appVersion}) are in ${dataDir}.`,
    names.includes(secretsKeyFile)
      ? 'The key of the credentials is restored with them.'
      : 'The backup holds no secrets.key: start with the SECRETS_KEY of that server, or connect every ring again.',
    'What Oura reported since then is fetched again after the start. If the old server ran on after the backup, its newer refresh tokens are not in it: a ring that Oura refuses has to be connected again.',
  ];
}
