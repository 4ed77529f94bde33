import { expect, test } from '@jest/globals';
import type { AlertTransition } from '../../schemas/alert-transition.ts';
import { openTestState } from '../../test/support/databases.ts';
import { addDeliveries, endDelivery, listDueDeliveries, type NewDelivery } from './alert-deliveries.ts';
import { addTransition, listUnpublished, markPublished } from './alert-outbox.ts';
import { findAlert, markAcknowledged, markSnoozed, noteTransition } from './alerts.ts';

const alertId = 'anna:readiness_low:2026-11-23';
const transition = (number: number): AlertTransition => ({
  id: `${alertId}:${number}`,
  user_id: 'anna',
  rule: 'readiness_low',
  title: 'Readiness is low',
  level: 'warning',
  state: number % 2 === 1 ? 'firing' : 'resolved',
  at: new Date(number * 1000).toISOString(),
  summary: 'Low.',
});
const delivery = (number: number, changes: Partial<NewDelivery> = {}): NewDelivery => ({
  id: `${alertId}:${number}/slack`,
  transitionId: `${alertId}:${number}`,
  alertId,
  channel: 'slack',
  step: number * 2,
  recipients: null,
  isReminder: false,
  quiet: null,
  notBeforeMs: 0,
  deadlineMs: 100_000,
  nowMs: 1,
  ...changes,
});

async function openOutbox() {
  const state = await openTestState();
  return {
    state,
    add: (number: number, changes?: Partial<NewDelivery>) =>
      state.transaction(async (tx) => {
        const isNew = await addTransition(tx, { alertId, number, transition: transition(number) });
        await addDeliveries(tx, [delivery(number, changes)]);
        return isNew;
      }),
    publish: (...numbers: number[]) =>
      state.transaction((tx) =>
        markPublished(
          tx,
          numbers.map((number) => `${alertId}:${number}`),
          5,
        ),
      ),
    due: async (nowMs = 10_000) =>
      (await listDueDeliveries(state.read, { channel: 'slack', nowMs, limit: 10 })).map(({ id }) =>
        id.split(':').at(-1),
      ),
  };
}

test('a transition is added once, and published in the order it was decided in', async () => {
  const { state, add, publish } = await openOutbox();
  expect(await add(1)).toBe(true);
  expect(await add(1)).toBe(false);
  await add(2);
  expect((await listUnpublished(state.read, 10)).map(({ id }) => id)).toEqual([`${alertId}:1`, `${alertId}:2`]);
  await publish(1);
  expect((await listUnpublished(state.read, 10)).map(({ id }) => id)).toEqual([`${alertId}:2`]);
  await state.close();
});

test('nothing goes to a channel before it is published, nor before what came earlier of the same alert', async () => {
  const { state, add, publish, due } = await openOutbox();
  await add(1);
  await add(2);
  expect(await due()).toEqual([]);
  await publish(1, 2);
  expect(await due()).toEqual(['1/slack']);
  const end = {
    id: `${alertId}:1/slack`,
    status: 'delivered',
    attempts: 1,
    reason: null,
    advice: null,
    nowMs: 5,
  } as const;
  await state.transaction((tx) => endDelivery(tx, end));
  expect(await due()).toEqual(['2/slack']);
  await state.close();
});

test('what is held back or too late is not due', async () => {
  const { state, add, publish, due } = await openOutbox();
  await add(1, { notBeforeMs: 20_000, deadlineMs: 30_000 });
  await publish(1);
  expect([await due(19_999), await due(20_000), await due(29_999), await due(30_000)]).toEqual([
    [],
    ['1/slack'],
    ['1/slack'],
    [],
  ]);
  await state.close();
});

test('an alert that fires again is a new one to who acknowledged or snoozed it, and an older transition changes nothing', async () => {
  const { state } = await openOutbox();
  const note = (number: number) => state.transaction((tx) => noteTransition(tx, alertId, number, transition(number)));
  await note(1);
  await state.transaction(async (tx) => {
    await markAcknowledged(tx, alertId, 7);
    await markSnoozed(tx, alertId, 8);
  });
  await note(2);
  expect(await findAlert(state.read, alertId)).toMatchObject({
    state: 'resolved',
    acknowledgedAtMs: 7,
    snoozedUntilMs: 8,
  });
  await note(3);
  expect(await findAlert(state.read, alertId)).toMatchObject({
    state: 'firing',
    acknowledgedAtMs: null,
    snoozedUntilMs: null,
  });
  await note(2);
  expect((await findAlert(state.read, alertId))?.state).toBe('firing');
  await state.close();
});
