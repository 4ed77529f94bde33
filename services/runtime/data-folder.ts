// The folder with all data of an embedded server: made when missing, and owned by one process at a time. The lock is an open exclusive
// transaction on an SQLite file: the operating system drops it when the process dies, however it dies, so it can never be stale.
// Nothing else may open the lock file: closing any handle on it would drop the lock. Who owns the folder stands in a file beside it.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { types } from 'node:util';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { FolderProblem, makeFolder } from './make-folder.ts';

const lockFile = 'owner.lock';
const ownerFile = 'owner.json';

const owner = z.object({
  pid: z.int(),
  /** What it does: `serve`, `import` … */
  purpose: z.string(),
  /** Where its API is; absent until it listens. */
  url: z.string().optional(),
});
/** The process that owns a data folder. */
export type FolderOwner = z.output<typeof owner>;

export interface DataFolder {
  readonly path: string;
  /** Says where the API of the owner is, for commands that go through it. */
  announce(url: string): void;
  close(): void;
}

/** Private to this user; left as it is when it exists. @throws Failure `configuration`: it cannot be made or written to */
export function makeDataFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** @throws Failure `configuration`: the folder cannot be used, or another process owns it */
export function openDataFolder(path: string, purpose: string): DataFolder {
  makeDataFolder(path);
  const unlock = lock(path);
  if (!unlock) throw taken(path, readOwner(path));
  const announce = (url?: string) => writeOwner(path, { pid: process.pid, purpose, ...(url !== undefined && { url }) });
  announce();
  let open = true;
  return {
    path,
    announce,
    close() {
      if (!open) return;
      open = false;
      rmSync(join(path, ownerFile), { force: true });
      unlock();
    },
  };
}

/** Who owns the folder now; undefined when nobody does. Leaves the folder as it is. */
export function findFolderOwner(path: string): FolderOwner | undefined {
  const unlock = lock(path, { readOnly: true });
  if (unlock) {
    unlock();
    return undefined;
  }
  return readOwner(path);
}

/** Looks whether somebody owns the folder, and leaves it as it is. @throws Failure `configuration` that says who */
export function refuseOwnedFolder(path: string): void {
  const other = findFolderOwner(path);
  if (other) throw taken(path, other);
}

function taken(path: string, other: FolderOwner | undefined): Failure {
  const who = other
    ? `another process (${other.purpose}, process id ${other.pid}${other.url ? `, ${other.url}` : ''})`
    : 'another process';
  return new Failure(
    'configuration',
    `${who} uses the data in ${path}: stop it first, or set DATA_DIR to another folder for a second server`,
  );
}

/** Takes the lock and returns how to give it back; undefined when another process has it. With `readOnly` it only looks. */
function lock(path: string, { readOnly = false } = {}): (() => void) | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(path, lockFile), { readOnly, timeout: 0 });
    // A look reads one page, which an exclusive owner does not allow.
    database.exec(readOnly ? 'select count(*) from sqlite_schema' : 'begin exclusive');
    const held = database;
    return () => held.close();
  } catch (error) {
    if (database?.isOpen) database.close();
    if (sqliteCode(error) === busy) return undefined;
    if (readOnly && sqliteCode(error) === cannotOpen) return () => {};
    throw unusable(path, error);
  }
}

const busy = 5;
const cannotOpen = 14;
const sqliteCode = (error: unknown): number | undefined =>
  types.isNativeError(error) && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;

function unusable(path: string, error: unknown): Failure {
  const reason = types.isNativeError(error) ? error.message : String(error);
  return new Failure(
    'configuration',
    `the data folder ${path} cannot be used (${reason}): set DATA_DIR to a folder that this user may write to, or give it the right`,
    error instanceof FolderProblem ? undefined : { cause: error },
  );
}

/** Replaced as a whole, so that a reader never sees half of it. */
function writeOwner(path: string, value: FolderOwner): void {
  const draft = join(path, `${ownerFile}.new`);
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, join(path, ownerFile));
}

/** Undefined when it is not there (yet) or unreadable: it is only a hint, the lock decides. */
function readOwner(path: string): FolderOwner | undefined {
  try {
    return owner.parse(JSON.parse(readFileSync(join(path, ownerFile), 'utf8')));
  } catch {
    return undefined;
  }
}
