import { expect, test } from '@jest/globals';
import { openTestStore } from '../../test/support/databases.ts';
import { loadOffset, moveOffset } from './consumer-offsets.ts';

const at = { topic: 'oura.documents.v1', partition: 3 };
const move = { consumer: 'archive', at, nowMs: 1 };

test('an offset moves from where the consumer stood and is fenced from anywhere else', async () => {
  const store = await openTestStore();
  const tryMove = (from: number | undefined, to: number) =>
    store.transaction((tx) => moveOffset(tx, { ...move, from, to }));
  expect(await loadOffset(store.read, 'archive', at)).toBeUndefined();
  expect(await tryMove(undefined, 5)).toBe(true);
  expect(await tryMove(undefined, 7)).toBe(false);
  expect(await tryMove(4, 7)).toBe(false);
  expect(await loadOffset(store.read, 'archive', at)).toBe(5);
  expect(await tryMove(5, 9)).toBe(true);
  expect(await loadOffset(store.read, 'archive', at)).toBe(9);
  await store.close();
});
