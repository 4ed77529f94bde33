import { expect, test } from '@jest/globals';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createRequestBudget } from './request-budget.ts';

async function opened({ perApplication = 100, perPerson = 100, handful = 4 } = {}) {
  const state = await openTestState();
  const clock = createManualClock();
  const limits = { windowMs: 1_000, perApplication, perPerson };
  const replica = () => createRequestBudget({ state, clock, limits, handful });
  return { state, clock, replica };
}

const takeMany = async (take: () => Promise<{ kind: string }>, count: number) =>
  (await Promise.all(Array.from({ length: count }, take))).filter((answer) => answer.kind === 'granted').length;

test('two replicas together never take more than the limit of the application in one window', async () => {
  const { state, clock, replica } = await opened({ perApplication: 10 });
  const [one, two] = [replica(), replica()];
  const granted = (await takeMany(() => one.take('anna'), 9)) + (await takeMany(() => two.take('ben'), 9));
  expect(granted).toBeLessThanOrEqual(10);
  expect(granted).toBeGreaterThanOrEqual(7);
  await clock.advance(1_000);
  expect(await one.take('anna')).toEqual({ kind: 'granted' });
  await state.close();
});

test('a person who used up theirs waits while others go on', async () => {
  const { state, clock, replica } = await opened({ perPerson: 5 });
  const budget = replica();
  expect(await takeMany(() => budget.take('anna'), 8)).toBe(5);
  await clock.advance(400);
  expect(await budget.take('anna')).toEqual({ kind: 'exhausted', retryAfterMs: 600 });
  expect(await budget.take('ben')).toEqual({ kind: 'granted' });
  await state.close();
});

test('a request that the application did not allow is not counted against the person', async () => {
  const { state, clock, replica } = await opened({ perPerson: 1 });
  const budget = replica();
  await budget.block('application', 'anna', 400);
  expect(await budget.take('anna')).toEqual({ kind: 'exhausted', retryAfterMs: 400 });
  await clock.advance(400);
  expect(await budget.take('anna')).toEqual({ kind: 'granted' });
  expect(await budget.take('anna')).toEqual({ kind: 'exhausted', retryAfterMs: 600 });
  await state.close();
});

test("Oura's 429 closes the person's budget, or the application's, for as long as it says", async () => {
  const { state, clock, replica } = await opened();
  const budget = replica();
  await budget.take('anna');
  await budget.block('token', 'anna', 5_000);
  expect(await budget.take('anna')).toEqual({ kind: 'exhausted', retryAfterMs: 5_000 });
  expect(await replica().take('anna')).toEqual({ kind: 'exhausted', retryAfterMs: 5_000 });
  expect(await budget.take('ben')).toEqual({ kind: 'granted' });
  await budget.block('application', 'anna', 7_000);
  expect(await budget.take('ben')).toEqual({ kind: 'exhausted', retryAfterMs: 7_000 });
  await clock.advance(7_000);
  expect(await budget.take('ben')).toEqual({ kind: 'granted' });
  expect(await budget.take('anna')).toEqual({ kind: 'granted' });
  await state.close();
});
