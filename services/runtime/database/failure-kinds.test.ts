// Both engines' tables from their errors to the three kinds.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { Failure } from '../failure.ts';
import { asPostgresFailure, isWorthRepeating, postgresFailureKind } from './postgres-failure.ts';
import { asSqliteFailure, sqliteFailureKind } from './sqlite-failure.ts';

const withCode = (code: string, message = 'why') => Object.assign(new Error(message), { code });

test.each([
  ['08006', 'dependency'],
  ['40001', 'dependency'],
  ['40P01', 'dependency'],
  ['53100', 'dependency'],
  ['53300', 'dependency'],
  ['55P03', 'dependency'],
  ['57014', 'dependency'],
  ['57P01', 'dependency'],
  ['57P03', 'dependency'],
  ['25006', 'dependency'],
  ['58030', 'dependency'],
  ['XX000', 'dependency'],
  ['ZZ999', 'dependency'],
  ['28P01', 'configuration'],
  ['28000', 'configuration'],
  ['3D000', 'configuration'],
  ['42P01', 'configuration'],
  ['42703', 'configuration'],
  ['42501', 'configuration'],
  ['0A000', 'configuration'],
  ['XX001', 'configuration'],
  ['21000', 'poison'],
  ['22021', 'poison'],
  ['22P02', 'poison'],
  ['23505', 'poison'],
  ['23502', 'poison'],
  ['54000', 'poison'],
])('SQLSTATE %s of PostgreSQL means %s', (state, kind) => {
  expect(postgresFailureKind(state)).toBe(kind);
  expect(asPostgresFailure(withCode(state), 'here')).toMatchObject({ name: 'Failure', kind, message: 'here: why' });
});

test.each([
  ['ECONNREFUSED', 'dependency'],
  ['ECONNRESET', 'dependency'],
  ['ENOTFOUND', 'dependency'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'configuration'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'configuration'],
  ['CERT_HAS_EXPIRED', 'configuration'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'configuration'],
])('the connection error %s means %s', (code, kind) => {
  expect(asPostgresFailure(withCode(code), 'here')).toMatchObject({ kind });
});

test.each([
  ['Connection terminated unexpectedly', 'dependency'],
  ['timeout exceeded when trying to connect', 'dependency'],
  ['Query read timeout', 'dependency'],
  ['The server does not support SSL connections', 'configuration'],
])('an error of the driver without a code, "%s", means %s', (message, kind) => {
  expect(asPostgresFailure(new Error(message), 'here')).toMatchObject({ kind });
});

test('what is a Failure already, or no error, passes', () => {
  const failure = new Failure('poison', 'too large');
  expect(asPostgresFailure(failure, 'here')).toBe(failure);
  expect(asPostgresFailure('text', 'here')).toBe('text');
});

test('only a lost race is worth repeating', () => {
  const failureOf = (code: string) => asPostgresFailure(withCode(code), 'here');
  expect(['40001', '40P01', '23505', '57P01', 'ECONNRESET'].map((code) => isWorthRepeating(failureOf(code)))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isWorthRepeating(withCode('40001'))).toBe(false);
});

test.each([
  [1, 'configuration'],
  [5, 'dependency'],
  [6, 'dependency'],
  [7, 'dependency'],
  [8, 'configuration'],
  [10, 'dependency'],
  [11, 'configuration'],
  [13, 'dependency'],
  [14, 'configuration'],
  [18, 'poison'],
  [19, 'poison'],
  [26, 'configuration'],
  [99, 'dependency'],
])('the result code %p of SQLite means %s', (code, kind) => {
  expect(sqliteFailureKind(code)).toBe(kind);
});

test('an error of SQLite is told by its primary code, an error of another kind is left as it is', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('create table t (a integer primary key) strict; insert into t values (1)');
  const errorOf = (sql: string) => {
    try {
      database.exec(sql);
    } catch (error) {
      return asSqliteFailure(error, 'here');
    }
    return undefined;
  };
  expect(errorOf('insert into t values (1)')).toMatchObject({ kind: 'poison' });
  expect(errorOf('select * from missing')).toMatchObject({ kind: 'configuration' });
  database.close();
  expect(errorOf('select 1')).toMatchObject({ kind: 'dependency' });
  const other = new TypeError('bug');
  expect(asSqliteFailure(other, 'here')).toBe(other);
});
