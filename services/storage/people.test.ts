import { expect, test } from '@jest/globals';
import { openTestState } from '../../test/support/databases.ts';
import {
  adoptPerson,
  createPerson,
  ensurePerson,
  findPerson,
  findPersonById,
  findPersonByName,
  findPersonByOuraId,
  learnOuraId,
  listPeople,
  normalizeName,
  renamePerson,
} from './people.ts';

const nowMs = 1_000;

test('an import makes a person once, with an id that says nothing', async () => {
  const state = await openTestState();
  const first = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs));
  const again = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs + 5));
  expect(again).toEqual(first);
  expect(first.userId).not.toMatch(/anna/i);
  expect(await findPersonById(state.read, first.userId)).toEqual(first);
  await state.close();
});

test('connecting adopts the imported person of that name', async () => {
  const state = await openTestState();
  const imported = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs));
  const connected = await state.transaction((tx) => adoptPerson(tx, { name: 'Anna', ouraUserId: 'oura-1', nowMs }));
  expect(connected).toEqual({ ...imported, ouraUserId: 'oura-1' });
  expect(await findPersonByOuraId(state.read, 'oura-1')).toEqual(connected);
  await state.close();
});

test("connecting finds the person by Oura's id, whatever the link called them", async () => {
  const state = await openTestState();
  const imported = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs));
  expect(await state.transaction((tx) => learnOuraId(tx, imported.userId, 'oura-1'))).toBe(true);
  const connected = await state.transaction((tx) => adoptPerson(tx, { name: 'me', ouraUserId: 'oura-1', nowMs }));
  expect(connected.userId).toBe(imported.userId);
  expect(await listPeople(state.read)).toHaveLength(1);
  await state.close();
});

test('two rings are never one person: the second of a name gets a number', async () => {
  const state = await openTestState();
  const connect = (ouraUserId: string) => state.transaction((tx) => adoptPerson(tx, { name: 'me', ouraUserId, nowMs }));
  const names = [await connect('a'), await connect('b'), await connect('c'), await connect('b')].map((p) => p.name);
  expect(names).toEqual(['me', 'me 2', 'me 3', 'me 2']);
  await state.close();
});

test("Oura's id of one person is not given to another, nor replaced", async () => {
  const state = await openTestState();
  const [anna, ben] = await state.transaction(async (tx) => [
    await ensurePerson(tx, 'Anna', nowMs),
    await ensurePerson(tx, 'Ben', nowMs),
  ]);
  const learn = (userId: string, id: string) => state.transaction((tx) => learnOuraId(tx, userId, id));
  expect(await learn(anna?.userId ?? '', 'x')).toBe(true);
  expect(await learn(anna?.userId ?? '', 'x')).toBe(true);
  expect(await learn(anna?.userId ?? '', 'y')).toBe(false);
  expect(await learn(ben?.userId ?? '', 'x')).toBe(false);
  await state.close();
});

test('a name is renamed unless somebody else has it', async () => {
  const state = await openTestState();
  const anna = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs));
  await state.transaction((tx) => ensurePerson(tx, 'Ben', nowMs));
  expect(await state.transaction((tx) => renamePerson(tx, anna.userId, 'Ben'))).toBe(false);
  expect(await state.transaction((tx) => renamePerson(tx, anna.userId, 'Anne'))).toBe(true);
  expect(await state.transaction((tx) => renamePerson(tx, 'nobody', 'Carl'))).toBe(false);
  expect((await findPersonByName(state.read, 'Anne'))?.userId).toBe(anna.userId);
  expect(await state.transaction((tx) => createPerson(tx, { name: 'Anne', nowMs }))).toBeUndefined();
  await state.close();
});

test('a person is found by our id, by name in any form, and by the id of Oura', async () => {
  const state = await openTestState();
  const zoe = await state.transaction((tx) => ensurePerson(tx, 'Zo\u00eb', nowMs));
  await state.transaction((tx) => learnOuraId(tx, zoe.userId, 'oura-z'));
  for (const meant of [zoe.userId, ' Zoe\u0308', 'oura-z'])
    expect((await findPerson(state.read, meant))?.userId).toBe(zoe.userId);
  expect(await findPerson(state.read, 'nobody')).toBeUndefined();
  // Whoever calls themselves by the id of another gets nothing of theirs.
  await state.transaction((tx) => createPerson(tx, { name: zoe.userId, nowMs }));
  expect((await findPerson(state.read, zoe.userId))?.name).toBe('Zo\u00eb');
  await state.close();
});

test('who is ensured by an id is the person who has it, not a new one of that name', async () => {
  const state = await openTestState();
  const anna = await state.transaction((tx) => ensurePerson(tx, 'Anna', nowMs));
  await state.transaction((tx) => learnOuraId(tx, anna.userId, 'oura-a'));
  for (const meant of [anna.userId, 'oura-a', 'Anna'])
    expect((await state.transaction((tx) => ensurePerson(tx, meant, nowMs))).userId).toBe(anna.userId);
  expect(await listPeople(state.read)).toHaveLength(1);
  await state.close();
});

test('names are stored in one form', () => {
  expect(normalizeName('  Anna  Maria ')).toBe('Anna Maria');
  expect(normalizeName('Zoe\u0308')).toBe('Zo\u00eb');
  expect(['', '   ', 'a\u0000b', 'x'.repeat(81)].map(normalizeName)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
