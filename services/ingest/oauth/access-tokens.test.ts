import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { Failure } from '../../runtime/failure.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createSecrets } from '../../runtime/secrets.ts';
import { deleteGrant, findGrantSummary, loadGrant, type NewPair, saveConsent } from '../../storage/grants.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { PairRefresh, TokenEndpoint, TokenOutcome } from './token-endpoint.ts';

const secrets = createSecrets([randomBytes(32)]);
const logger = createLogger({ level: 'silent', name: 'test' });
const hourMs = 3_600_000;

/** Oura's token address: a refresh token works once; every answer can be held back. */
async function opened() {
  const state = await openTestState();
  const clock = createManualClock();
  const spent: string[] = [];
  const answers: TokenOutcome['kind'][] = [];
  let hold: Promise<void> | undefined;
  let pairs = 1;
  const pair = (number: number): NewPair => ({
    tokens: { accessToken: `access-${number}`, refreshToken: `refresh-${number}` },
    ...{ scopes: ['daily'], tokenUrl: 'https://oura.test/token' },
    ...{ expiresAtMs: clock.now() + hourMs, nowMs: clock.now() },
  });
  const refresh = async ({ refreshToken }: PairRefresh): Promise<TokenOutcome> => {
    const isSpent = spent.includes(refreshToken);
    spent.push(refreshToken);
    await hold;
    const kind = answers.shift() ?? 'granted';
    if (isSpent && kind === 'granted') return { kind: 'grant-refused', detail: 'spent' };
    pairs += 1;
    return kind === 'granted' ? { kind, pair: pair(pairs) } : { kind, detail: 'as told' };
  };
  const endpoint: TokenEndpoint = { refresh, exchangeCode: () => Promise.reject(new Error('not asked here')) };
  const replica = (database: StateDatabase = state) =>
    createAccessTokens({ state: database, secrets, endpoint, clock, logger });
  await state.transaction((tx) => saveConsent(tx, secrets, 'anna', pair(1)));
  return {
    ...{ state, clock, spent, answers, replica },
    holdBack: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      hold = promise;
      return resolve;
    },
  };
}

test('a token that lasts is handed out without a request', async () => {
  const { state, spent, replica } = await opened();
  expect(await replica().get('anna')).toMatchObject({ kind: 'token', accessToken: 'access-1', generation: 1 });
  expect(await replica().get('nobody')).toEqual({ kind: 'needs-consent' });
  expect(spent).toEqual([]);
  await state.close();
});

test('however many ask at once, an expired token is refreshed once', async () => {
  const { state, clock, spent, replica } = await opened();
  await clock.advance(hourMs);
  const tokens = replica();
  const answers = await Promise.all(Array.from({ length: 10 }, () => tokens.get('anna')));
  expect(new Set(answers.map((answer) => answer.kind === 'token' && answer.accessToken))).toEqual(
    new Set(['access-2']),
  );
  expect(spent).toEqual(['refresh-1']);
  await state.close();
});

test('two replicas never spend the same refresh token', async () => {
  const { state, clock, spent, replica, holdBack } = await opened();
  await clock.advance(hourMs);
  const release = holdBack();
  const [one, two] = [replica(), replica()];
  const first = one.get('anna');
  await clock.advance(0);
  expect(await two.get('anna')).toMatchObject({ kind: 'unavailable', retryAfterMs: 1_000 });
  release();
  expect(await first).toMatchObject({ accessToken: 'access-2' });
  expect(await two.get('anna')).toMatchObject({ accessToken: 'access-2' });
  expect(spent).toEqual(['refresh-1']);
  await state.close();
});

test('a token that Oura refused is refreshed, unless a newer one is here already', async () => {
  const { state, spent, replica } = await opened();
  const tokens = replica();
  expect(await tokens.get('anna', 1)).toMatchObject({ accessToken: 'access-2', generation: 2 });
  expect(await tokens.get('anna', 1)).toMatchObject({ accessToken: 'access-2', generation: 2 });
  expect(spent).toEqual(['refresh-1']);
  await state.close();
});

test('the new pair stands in the database before anybody gets it', async () => {
  const { state, replica } = await opened();
  await replica().get('anna', 1);
  expect(await loadGrant(state.read, secrets, 'anna')).toMatchObject({
    tokens: { accessToken: 'access-2', refreshToken: 'refresh-2' },
  });
  await state.close();
});

test('a pair that the database refused is kept and stored before anything else', async () => {
  const { state, clock, spent, replica, holdBack } = await opened();
  let isDown = false;
  const failing: StateDatabase = {
    ...state,
    transaction: (work) =>
      isDown ? Promise.reject(new Failure('dependency', 'the disk is full')) : state.transaction(work),
  };
  const tokens = replica(failing);
  const release = holdBack();
  const asked = tokens.get('anna', 1);
  await clock.advance(0);
  isDown = true;
  release();
  await expect(asked).rejects.toThrow('the disk is full');
  await expect(tokens.get('anna')).rejects.toThrow('the disk is full');
  isDown = false;
  expect(await tokens.get('anna')).toMatchObject({ accessToken: 'access-2' });
  expect(spent).toEqual(['refresh-1']);
  await state.close();
});

test('a refused refresh asks for consent and is not tried again', async () => {
  const { state, answers, spent, replica } = await opened();
  answers.push('grant-refused');
  expect(await replica().get('anna', 1)).toEqual({ kind: 'needs-consent' });
  expect(await replica().get('anna', 1)).toEqual({ kind: 'needs-consent' });
  expect(spent).toHaveLength(1);
  await state.close();
});

test.each(['unknown', 'application-refused'] as const)(
  'a refresh that ended as %s keeps the grant and pauses, longer each time',
  async (kind) => {
    const { state, clock, answers, spent, replica } = await opened();
    answers.push(kind, kind);
    const tokens = replica();
    expect(await tokens.get('anna', 1)).toMatchObject({ kind: 'unavailable', retryAfterMs: 15_000 });
    expect(await tokens.get('anna', 1)).toMatchObject({ kind: 'unavailable', retryAfterMs: 15_000 });
    expect(await tokens.get('anna')).toMatchObject({ kind: 'token', accessToken: 'access-1' });
    expect(spent).toHaveLength(1);
    await clock.advance(15_000);
    expect(await tokens.get('anna', 1)).toMatchObject({ kind: 'unavailable', retryAfterMs: 30_000 });
    expect(await findGrantSummary(state.read, 'anna')).toMatchObject({ state: 'active' });
    await state.close();
  },
);

test('a disconnection during a refresh is not undone by its answer', async () => {
  const { state, clock, replica, holdBack } = await opened();
  const release = holdBack();
  const asked = replica().get('anna', 1);
  await clock.advance(0);
  await state.transaction((tx) => deleteGrant(tx, 'anna'));
  release();
  expect(await asked).toEqual({ kind: 'needs-consent' });
  expect(await findGrantSummary(state.read, 'anna')).toBeUndefined();
  await state.close();
});
