import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import { blockBudget, claimBudget, listBudgets } from './rate-budgets.ts';

async function opened() {
  const state = await openTestState();
  const claim = (wanted: number, nowMs: number, budget = 'app') =>
    state.transaction((tx) => claimBudget(tx, { budget, limit: 10, windowMs: 1_000, wanted, nowMs }));
  const block = (untilMs: number) => state.transaction((tx) => blockBudget(tx, { budget: 'app', untilMs, nowMs: 0 }));
  return { state, claim, block };
}

test('a window gives its limit and no more, then says when the next begins', async () => {
  const { state, claim } = await opened();
  expect(await claim(7, 100)).toEqual({ kind: 'granted', requests: 7, windowEndsMs: 1_100 });
  expect(await claim(7, 200)).toEqual({ kind: 'granted', requests: 3, windowEndsMs: 1_100 });
  expect(await claim(7, 300)).toEqual({ kind: 'exhausted', retryAfterMs: 800 });
  expect(await claim(7, 1_100)).toEqual({ kind: 'granted', requests: 7, windowEndsMs: 2_100 });
  await state.close();
});

test('budgets are counted apart', async () => {
  const { state, claim } = await opened();
  await claim(10, 0);
  expect(await claim(1, 0, 'token/anna')).toMatchObject({ kind: 'granted' });
  expect((await listBudgets(state.read)).map((row) => [row.budget, row.used])).toEqual([
    ['app', 10],
    ['token/anna', 1],
  ]);
  await state.close();
});

test('a closed budget gives nothing until its instant, and a shorter closure does not open it', async () => {
  const { state, claim, block } = await opened();
  await block(5_000);
  await block(2_000);
  expect(await claim(1, 4_000)).toEqual({ kind: 'exhausted', retryAfterMs: 1_000 });
  expect(await claim(1, 5_000)).toMatchObject({ kind: 'granted' });
  await state.close();
});
