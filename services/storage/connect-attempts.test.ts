import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import { createSecrets } from '../runtime/secrets.ts';
import {
  claimConnectAttempt,
  deleteConnectAttempt,
  findConnectAttempt,
  keepPairOfAttempt,
  saveConnectAttempt,
} from './connect-attempts.ts';

const secrets = createSecrets([randomBytes(32)]);

async function opened() {
  const state = await openTestState();
  await state.transaction((tx) =>
    saveConnectAttempt(tx, secrets, {
      ...{ state: 'the-state', personName: 'Anna', codeVerifier: 'the-verifier', expiresAtMs: 100, nowMs: 0 },
    }),
  );
  const find = (nowMs: number, wanted = 'the-state') =>
    findConnectAttempt(state.read, secrets, { state: wanted, nowMs });
  const claim = (nowMs: number) => state.transaction((tx) => claimConnectAttempt(tx, { state: 'the-state', nowMs }));
  return { state, find, claim };
}

test('an attempt is found by its state until it expires, and neither state nor verifier can be read in the table', async () => {
  const { state, find } = await opened();
  expect(await find(99)).toEqual({
    personName: 'Anna',
    codeVerifier: 'the-verifier',
    expiresAtMs: 100,
    isClaimed: false,
  });
  expect(await find(100)).toBeUndefined();
  expect(await find(0, 'another')).toBeUndefined();
  expect(JSON.stringify(await state.read.selectFrom('connect_attempts').selectAll().execute())).not.toMatch(
    /the-state|the-verifier/,
  );
  await state.close();
});

test('a state is used once and not after it expired', async () => {
  const { state, find, claim } = await opened();
  expect(await claim(100)).toBe(false);
  expect(await claim(50)).toBe(true);
  expect(await claim(51)).toBe(false);
  expect(await find(60)).toMatchObject({ isClaimed: true });
  await state.close();
});

test('what Oura granted is kept, encrypted, until the attempt ends', async () => {
  const { state, find } = await opened();
  const pair = {
    ...{ tokens: { accessToken: 'a-token' }, scopes: ['daily'], tokenUrl: 'https://oura.test/token' },
    ...{ expiresAtMs: 5, nowMs: 1 },
  };
  await state.transaction((tx) => keepPairOfAttempt(tx, secrets, 'the-state', pair));
  expect(await find(60)).toMatchObject({ pair });
  expect(JSON.stringify(await state.read.selectFrom('connect_attempts').selectAll().execute())).not.toMatch(/a-token/);
  await state.transaction((tx) => deleteConnectAttempt(tx, 'the-state'));
  expect(await find(60)).toBeUndefined();
  await state.close();
});

test('a new attempt sweeps away those that have expired', async () => {
  const { state } = await opened();
  await state.transaction((tx) =>
    saveConnectAttempt(tx, secrets, { state: 'b', personName: 'Ben', codeVerifier: 'v', expiresAtMs: 300, nowMs: 200 }),
  );
  expect(await state.read.selectFrom('connect_attempts').select('person_name').execute()).toEqual([
    { person_name: 'Ben' },
  ]);
  await state.close();
});
