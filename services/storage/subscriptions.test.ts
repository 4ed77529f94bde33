import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import { listSubscriptionStatuses, type SubscriptionStatus, saveSubscriptionStatuses } from './subscriptions.ts';

const status = (dataType: string, problem: string | null = null): SubscriptionStatus => ({
  ...{ dataType, eventType: 'create', subscriptionId: 'id', callbackUrl: 'https://us.test', expiresAtMs: 5, problem },
  checkedAtMs: 1,
});

test('a look at the subscriptions replaces the look before', async () => {
  const state = await openTestState();
  const save = (...statuses: SubscriptionStatus[]) => state.transaction((tx) => saveSubscriptionStatuses(tx, statuses));
  await save(status('workout'), status('sleep', 'refused'));
  expect(await listSubscriptionStatuses(state.read)).toEqual([status('sleep', 'refused'), status('workout')]);
  await save(status('sleep'));
  expect(await listSubscriptionStatuses(state.read)).toEqual([status('sleep')]);
  await save();
  expect(await listSubscriptionStatuses(state.read)).toEqual([]);
  await state.close();
});
