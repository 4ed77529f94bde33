// What an error of SQLite means, by its primary result code (https://sqlite.org/rescode.html).
import { types } from 'node:util';
import { Failure, type FailureKind } from '../failure.ts';

const kinds: Readonly<Record<number, FailureKind>> = {
  5: 'dependency', // SQLITE_BUSY
  6: 'dependency', // SQLITE_LOCKED
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

/** The error as a Failure when it is SQLite's; any other error is returned as it is. */
export function asSqliteFailure(error: unknown, where: string): unknown {
  if (!types.isNativeError(error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const kind = kinds[error.errcode & 0xff] ?? 'dependency';
  return new Failure(kind, `${where}: ${error.message}`, { cause: error });
}
