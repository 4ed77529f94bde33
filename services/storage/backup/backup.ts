// Copies the data of an embedded server into an empty folder while it runs: log, store and state of one moment, the key of the secrets, and
// a manifest with a hash of each. Leaves out what the operator keeps elsewhere (SECRETS_KEY, .env), and engines that have their own backup.
import { existsSync } from 'node:fs';
import { chmod, copyFile, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite';
import { asSqliteFailure } from '../../runtime/database/sqlite-failure.ts';
import { Failure } from '../../runtime/failure.ts';
import { makeFolder } from '../../runtime/make-folder.ts';
import { secretsKeyFile } from '../../runtime/secrets-key.ts';
import { cutConsistently } from './consistent-cut.ts';
import { type BackupFile, type BackupManifest, describeFile, manifestFile } from './manifest.ts';

/** In the order in which their locks are taken. */
export const databaseFiles: readonly string[] = ['state.db', 'store.db', 'log.db'];
/** Copied as they are where they exist. */
export const plainFiles: readonly string[] = [secretsKeyFile];

export interface BackupRequest {
  dataDir: string;
  /** A folder that does not exist yet, or is empty. */
  target: string;
  appVersion: string;
  nowMs: number;
  /** Share of the work done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** @throws Failure `configuration` (nothing to copy, a target in use, no room) or `dependency` (locked) */
export async function backup({
  dataDir,
  target,
  appVersion,
  nowMs,
  onProgress,
}: BackupRequest): Promise<BackupManifest> {
  const databases = databaseFiles.filter((name) => existsSync(join(dataDir, name)));
  if (databases.length === 0)
    throw new Failure('configuration', `there is no data in ${dataDir}: set DATA_DIR to the folder of the server`);
  await makeEmptyFolder(target);
  const snapshots = await cutConsistently(databases.map((name) => join(dataDir, name)));
  const files: BackupFile[] = [];
  try {
    for (const [index, snapshot] of snapshots.entries()) {
      const name = databases[index] ?? '';
      await copySnapshot(snapshot, join(target, name), (share) => onProgress?.((index + share) / snapshots.length));
      const migration = inspect(join(target, name));
      files.push({ ...(await sync(target, name)), ...(migration !== undefined && { migration }) });
    }
  } finally {
    for (const snapshot of snapshots) snapshot.close();
  }
  for (const name of plainFiles.filter((file) => existsSync(join(dataDir, file)))) {
    await copyFile(join(dataDir, name), join(target, name));
    files.push(await sync(target, name));
  }
  const manifest: BackupManifest = {
    format: 1,
    takenAt: new Date(nowMs).toISOString(),
    appVersion,
    sqliteVersion: process.versions.sqlite ?? 'unknown',
    files,
  };
  await writeFile(join(target, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  return manifest;
}

async function makeEmptyFolder(target: string): Promise<void> {
  try {
    makeFolder(target);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('configuration', `cannot make ${target} (${reason}): name a folder this user may make`);
  }
  if ((await readdir(target)).length > 0)
    throw new Failure('configuration', `${target} is not empty: name a folder that does not exist yet`);
}

const pagesPerStep = 2000;

async function copySnapshot(snapshot: DatabaseSync, path: string, onShare: (share: number) => void): Promise<void> {
  try {
    await copyDatabase(snapshot, path, {
      rate: pagesPerStep,
      progress: ({ totalPages, remainingPages }) => onShare(1 - remainingPages / Math.max(1, totalPages)),
    });
    onShare(1);
  } catch (error) {
    throw asSqliteFailure(error, `cannot copy to ${path}`);
  }
}

/** Checks the copy, makes it one file without a write-ahead log, and gives its newest migration. */
function inspect(path: string): string | undefined {
  const copy = new DatabaseSync(path);
  try {
    copy.exec('pragma journal_mode = delete');
    const verdict = Object.values(copy.prepare('pragma quick_check').get() ?? {})[0];
    if (verdict !== 'ok') throw new Failure('configuration', `the copy ${path} is damaged: ${String(verdict)}`);
    const hasMigrations = copy.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get();
    if (!hasMigrations) return undefined;
    return String(copy.prepare('select max(name) as name from kysely_migration').get()?.name);
  } finally {
    copy.close();
  }
}

/** Makes the copy durable and for this user alone, and describes it. */
async function sync(folder: string, name: string): Promise<BackupFile> {
  await chmod(join(folder, name), 0o600);
  const file = await open(join(folder, name), 'r+');
  await file.sync();
  await file.close();
  return describeFile(folder, name);
}
