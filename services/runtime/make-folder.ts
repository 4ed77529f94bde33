// Makes a folder with its missing parents, for this user alone, and finds out at once whether it can be written to. Step by step, because Node's own
// recursive mkdir never ends below a folder in which the system makes none (/proc). What is wrong becomes a reason in words.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { types } from 'node:util';

/** Why a folder cannot be used, for the middle of a sentence. */
export class FolderProblem extends Error {
  override name = 'FolderProblem';
}

/** Left as it is when it exists. @throws FolderProblem */
export function makeFolder(path: string): void {
  const whole = resolve(path);
  try {
    for (const folder of missingFolders(whole).toReversed()) makeOne(folder);
    accessSync(whole, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof FolderProblem) throw error;
    const { code, message, path: where = whole } = asFileError(error);
    throw new FolderProblem(folderReason(code, where) ?? message);
  }
}

/** The folder and its parents that are not there, the deepest first. */
function missingFolders(whole: string): string[] {
  const missing: string[] = [];
  for (let at = whole; ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found?.isDirectory()) return missing;
    if (found) throw new FolderProblem(`${at} is a file, not a folder`);
    missing.push(at);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Words for the codes that a person can do something about. */
export function folderReason(code: string | undefined, where: string): string | undefined {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `this user may not write to ${where}`;
    case 'EROFS':
      return `${where} is on a read-only file system`;
    case 'ENOENT':
      return `the system does not let anybody make ${where}`;
    case 'ENOTDIR':
      return `a part of ${where} is a file, not a folder`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no room left for ${where}`;
    case 'ENAMETOOLONG':
      return `the name ${where} is too long`;
    case 'ELOOP':
      return `${where} is a link that leads to itself`;
    default:
      return undefined;
  }
}

function asFileError(error: unknown): NodeJS.ErrnoException {
  return types.isNativeError(error) ? error : new Error(String(error));
}
