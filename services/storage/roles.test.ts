import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rolesScript } from '../../deploy/postgres/roles-script.ts';
import { grantStatements } from './roles.ts';
import { scramVerifier } from './roles-password.ts';

const rightsOn = (table: string) => grantStatements().filter((statement) => statement.includes(` on ${table} `));

test('deploy/postgres/roles.sql is what node deploy/postgres/write-roles.ts writes', () => {
  const path = join(import.meta.dirname, '../../deploy/postgres/roles.sql');
  expect(readFileSync(path, 'utf8')).toBe(rolesScript());
});

test('credentials are read by ingest alone; others see of a grant whether there is one', () => {
  expect(rightsOn('state.connect_attempts')).toEqual([
    'grant select, insert, update, delete on state.connect_attempts to oura_ingest',
  ]);
  const [, toReaders = ''] = rightsOn('state.grants');
  expect(toReaders).toMatch(/^grant select \(user_id, .*issued_at_ms\) on state\.grants to oura_archive, /);
  expect(toReaders).not.toMatch(/tokens|grafana/);
});

test('a table has one writing service, except offsets and leases, whose rows have one', () => {
  const shared = grantStatements().filter((statement) => /^grant select, insert.* to .*,/.test(statement));
  expect(shared.map((statement) => / on (\S+) /.exec(statement)?.[1])).toEqual([
    'store.consumer_offsets',
    'state.consumer_offsets',
    'state.leases',
  ]);
  expect(grantStatements().filter((statement) => /insert.*oura_(live|grafana)/.test(statement))).toEqual([]);
});

test('a password becomes the verifier that RFC 7677 gives for its example', () => {
  // User "user", password "pencil", salt and iterations of RFC 7677 §3; the keys checked against the proof it prints.
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
  expect(() => scramVerifier("it's mine")).toThrow('DATABASE_ROLE_PASSWORD');
});
