// What an error of PostgreSQL means, by its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), and which is worth running
// the transaction again. What has no SQLSTATE comes from the connection: the network, or TLS.
import { types } from 'node:util';
import { Failure, type FailureKind } from '../failure.ts';

/** Exceptions to their class. */
const byState: Readonly<Record<string, FailureKind>> = {
  '25006': 'dependency', // read-only: a standby, during a failover
  XX001: 'configuration', // data corrupted
  XX002: 'configuration', // index corrupted
};

/** By the first two characters, the class. */
const byClass: Readonly<Record<string, FailureKind>> = {
  '08': 'dependency', // connection
  '40': 'dependency', // serialization failure, deadlock
  '53': 'dependency', // disk full, too many connections, out of memory
  '55': 'dependency', // lock not available
  '57': 'dependency', // shut down, starting up, timed out
  '58': 'dependency', // I/O
  '0A': 'configuration', // not supported
  '28': 'configuration', // wrong password, no access
  '3D': 'configuration', // no such database
  '3F': 'configuration', // no such schema
  '42': 'configuration', // unknown table or column, missing right, syntax
  '21': 'poison', // one statement would touch a row twice
  '22': 'poison', // a value out of range or in the wrong form
  '23': 'poison', // not null, unique, foreign key, check
  '54': 'poison', // too many columns or parameters, a row too large
};

/** Certificates and handshakes; waiting does not mend them. */
const tlsProblem = /^(ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/;
const noTls = /does not support SSL|There was an error establishing an SSL connection/;

/** Unknown classes count as `dependency`: waiting loses nothing. */
export const postgresFailureKind = (state: string): FailureKind =>
  byState[state] ?? byClass[state.slice(0, 2)] ?? 'dependency';

export const isSqlState = (code: unknown): code is string => typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);

/** An error of the driver as a Failure. */
export function asPostgresFailure(error: unknown, where: string): unknown {
  if (error instanceof Failure || !types.isNativeError(error)) return error;
  return new Failure(kindOf(error), `${where}: ${error.message || String(errorCode(error))}`, { cause: error });
}

function kindOf(error: Error): FailureKind {
  const code = errorCode(error);
  if (isSqlState(code)) return postgresFailureKind(code);
  if (noTls.test(error.message) || (typeof code === 'string' && tlsProblem.test(code))) return 'configuration';
  return 'dependency';
}

/** The transaction lost against another one; the same work may succeed now. */
export function isWorthRepeating(error: unknown): boolean {
  const code = error instanceof Failure ? errorCode(error.cause) : undefined;
  return code === '40001' || code === '40P01';
}

export const errorCode = (error: unknown): unknown =>
  types.isNativeError(error) && 'code' in error ? error.code : undefined;
