import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordedContext } from '../../../test/support/command-context.ts';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import { stateMigrations } from '../../storage/migrations/state-migrations.ts';
import { findPersonByName, learnOuraId } from '../../storage/people.ts';
import type { StateTables } from '../../storage/tables.ts';
import { exportTidy } from './export.ts';
import { importFiles } from './import.ts';

const samples = resolve(import.meta.dirname, '../../../test/fixtures/samples');
let folder = '';
let annaId = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
  for (const [user, file] of [
    ['Anna', 'androosk_oura-sleep-tracker/daily_sleep.realistic.json'],
    ['Ben', 'jeff-kohn_oura_charts/heartrate.json'],
  ] as const)
    await importFiles(recordedContext({ DATA_DIR: folder }), [join(samples, file)], { user });
  const state = await openSqliteDatabase<StateTables>({ path: join(folder, 'state.db'), migrations: stateMigrations });
  annaId = (await findPersonByName(state.read, 'Anna'))?.userId ?? '';
  await state.transaction((tx) => learnOuraId(tx, annaId, 'oura-anna'));
  await state.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function usersOf(user?: string): Promise<string[]> {
  const context = recordedContext({ DATA_DIR: folder });
  await exportTidy(context, user === undefined ? {} : { user });
  const rows = context.printed().trim().split('\n');
  return [...new Set(rows.map((row): string => JSON.parse(row).user))];
}

test('--user takes a name, the id of the column user, and the id of Oura', async () => {
  expect(await usersOf()).toHaveLength(2);
  for (const meant of ['Anna', annaId, 'oura-anna']) expect(await usersOf(meant)).toEqual([annaId]);
});

test('somebody unknown is answered with who there is', async () => {
  await expect(usersOf('Carl')).rejects.toMatchObject({
    message: 'Nobody here has the name or id "Carl". Here are: Anna, Ben.',
    code: 2,
  });
});

test('a file is imported to whom its id means, not to somebody new of that name', async () => {
  const file = join(samples, 'androosk_oura-sleep-tracker/sleep.realistic.json');
  const context = recordedContext({ DATA_DIR: folder });
  await importFiles(context, [file], { user: annaId, type: 'sleep' });
  expect(await usersOf()).toHaveLength(2);
});
