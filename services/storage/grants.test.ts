import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import { createSecrets } from '../runtime/secrets.ts';
import {
  deleteGrant,
  endRefresh,
  findGrantSummary,
  latestTokenUrl,
  listGrantSummaries,
  loadGrant,
  lockRefresh,
  type NewPair,
  saveConsent,
  saveRefreshed,
} from './grants.ts';

const secrets = createSecrets([randomBytes(32)]);
const pair = (name: string): NewPair => ({
  tokens: { accessToken: `${name}-access`, refreshToken: `${name}-refresh` },
  scopes: ['daily', 'heartrate'],
  tokenUrl: 'https://oura.test/token',
  expiresAtMs: 9_000,
  nowMs: 1_000,
});

async function connected() {
  const state = await openTestState();
  await state.transaction((tx) => saveConsent(tx, secrets, 'anna', pair('first')));
  return state;
}

test('a token pair is read as it was given and never stands in the table in the clear', async () => {
  const state = await connected();
  expect(await loadGrant(state.read, secrets, 'anna')).toMatchObject({
    ...{ state: 'active', generation: 1, expiresAtMs: 9_000, scopes: ['daily', 'heartrate'] },
    tokens: { accessToken: 'first-access', refreshToken: 'first-refresh' },
  });
  const row = await state.read.selectFrom('grants').selectAll().executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain('first-');
  expect(JSON.stringify(await listGrantSummaries(state.read))).not.toContain('tokens');
  await state.close();
});

test("one person's tokens cannot be read in another person's row", async () => {
  const state = await connected();
  const { tokens } = await state.read.selectFrom('grants').select('tokens').executeTakeFirstOrThrow();
  await state.transaction((tx) => saveConsent(tx, secrets, 'ben', pair('ben')));
  await state.transaction((tx) => tx.updateTable('grants').set({ tokens }).where('user_id', '=', 'ben').execute());
  await expect(loadGrant(state.read, secrets, 'ben')).rejects.toThrow(/changed or belongs elsewhere/);
  await state.close();
});

test('one at a time may refresh, and a holder that died is replaced after the time limit', async () => {
  const state = await connected();
  const lock = (holder: string, nowMs: number) =>
    state.transaction((tx) => lockRefresh(tx, { userId: 'anna', holder, nowMs, untilMs: nowMs + 60 }));
  expect(await lock('a', 0)).toBe(true);
  expect(await lock('b', 59)).toBe(false);
  expect(await lock('b', 60)).toBe(true);
  const end = (holder: string) => state.transaction((tx) => endRefresh(tx, { userId: 'anna', holder, generation: 1 }));
  await end('a');
  expect(await lock('c', 61)).toBe(false);
  await end('b');
  expect(await lock('c', 61)).toBe(true);
  await state.close();
});

test('a refreshed pair is accepted on top of the pair it came from, once', async () => {
  const state = await connected();
  const save = (generation: number, name: string) =>
    state.transaction((tx) => saveRefreshed(tx, secrets, { userId: 'anna', generation, pair: pair(name) }));
  expect(await save(1, 'second')).toBe(true);
  expect(await save(1, 'other')).toBe(false);
  expect(await loadGrant(state.read, secrets, 'anna')).toMatchObject({
    generation: 2,
    tokens: { accessToken: 'second-access' },
  });
  await state.close();
});

test('a refused refresh asks for consent, an unknown outcome keeps the grant and waits', async () => {
  const state = await connected();
  const attempt = async (failure: Parameters<typeof endRefresh>[2]) => {
    await state.transaction((tx) => lockRefresh(tx, { userId: 'anna', holder: 'a', nowMs: 0, untilMs: 60 }));
    await state.transaction((tx) => endRefresh(tx, { userId: 'anna', holder: 'a', generation: 1 }, failure));
  };
  await attempt({ kind: 'unknown', refreshAfterMs: 500 });
  expect(await loadGrant(state.read, secrets, 'anna')).toMatchObject({
    ...{ state: 'active', refreshFailures: 1, refreshAfterMs: 500 },
    tokens: { refreshToken: 'first-refresh' },
  });
  await attempt({ kind: 'refused' });
  expect(await findGrantSummary(state.read, 'anna')).toMatchObject({ state: 'needs_consent' });
  await state.transaction((tx) => saveConsent(tx, secrets, 'anna', pair('again')));
  expect(await loadGrant(state.read, secrets, 'anna')).toMatchObject({
    ...{ state: 'active', refreshFailures: 0, generation: 2 },
    tokens: { accessToken: 'again-access' },
  });
  await state.close();
});

test('a new consent is not undone by the end of a refresh that began before it', async () => {
  const state = await connected();
  await state.transaction((tx) => lockRefresh(tx, { userId: 'anna', holder: 'a', nowMs: 0, untilMs: 60 }));
  await state.transaction((tx) => saveConsent(tx, secrets, 'anna', pair('new')));
  await state.transaction((tx) => endRefresh(tx, { userId: 'anna', holder: 'a', generation: 1 }, { kind: 'refused' }));
  expect(await findGrantSummary(state.read, 'anna')).toMatchObject({ state: 'active', generation: 2 });
  await state.close();
});

test('the address that issued last is known until the grant is gone', async () => {
  const state = await connected();
  expect(await latestTokenUrl(state.read)).toBe('https://oura.test/token');
  await state.transaction((tx) => deleteGrant(tx, 'anna'));
  expect(await latestTokenUrl(state.read)).toBeUndefined();
  await state.close();
});
