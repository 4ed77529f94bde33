// What an error of SQLite means, by its primary result code (https://sqlite.org/rescode.html).
import { types } from 'node:util';
import { Failure, type FailureKind } from '../failure.ts';

const kinds: Readonly<Record<number, FailureKind>> = {
  5: 'dependency', // SQLITE_BUSY
  6: 'dependency', // SQLITE_LOCKED
  7: 'dependency', // SQLITE_NOMEM
  10: 'dependency', // SQLITE_IOERR
  13: 'dependency', // SQLITE_FULL
  1: 'configuration', // SQLITE_ERROR: an unknown table or column
  3: 'configuration', // SQLITE_PERM
  8: 'configuration', // SQLITE_READONLY
  11: 'configuration', // SQLITE_CORRUPT
  14: 'configuration', // SQLITE_CANTOPEN
  26: 'configuration', // SQLITE_NOTADB
  18: 'poison', // SQLITE_TOOBIG
  19: 'poison', // SQLITE_CONSTRAINT
  20: 'poison', // SQLITE_MISMATCH
};

/** The kind of an error by its primary result code. */
export const sqliteFailureKind = (code: number): FailureKind => kinds[code] ?? 'dependency';

/** Another connection holds the lock. */
export const isSqliteBusy = (error: unknown): boolean => resultCode(error) === 5;

function resultCode(error: unknown): number | undefined {
  // Not `instanceof`: errors of Node's own modules come from another realm under jest.
  if (!types.isNativeError(error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // Extended codes carry the primary one in their low byte.
  return error.errcode & 0xff;
}

/** The error as a Failure when it is SQLite's; any other error is returned as it is. */
export function asSqliteFailure(error: unknown, where: string): unknown {
  if (!types.isNativeError(error)) return error;
  const code = resultCode(error);
  if (code !== undefined) return new Failure(sqliteFailureKind(code), `${where}: ${error.message}`, { cause: error });
  if ('code' in error && error.code === 'ERR_INVALID_STATE')
    return new Failure('dependency', `${where}: ${error.message}`, { cause: error });
  return error;
}
