import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { CompiledQuery } from 'kysely';
import { openSqliteDatabase } from '../runtime/database/sqlite-database.ts';
import { readRows } from './metric-points.ts';
import { storeMigrations } from './migrations/store-migrations.ts';
import type { StoreTables } from './tables.ts';

test.each([
  ['steps', 'metric_rows_by_metric (user_id=? AND metric=? AND first_ms>? AND first_ms<?)'],
  [undefined, 'metric_rows_by_time (user_id=? AND first_ms>? AND first_ms<?)'],
])('rows of metric %p are found by the index of their order', async (metric, index) => {
  const folder = mkdtempSync(join(tmpdir(), 'oura-metrics-'));
  const path = join(folder, 'store.db');
  const database = await openSqliteDatabase<StoreTables>({ path, migrations: storeMigrations });
  let query: CompiledQuery | undefined;
  const watched = database.read.withPlugin({
    transformQuery({ node }) {
      query = database.read.getExecutor().compileQuery(node, { queryId: 'watched' });
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const all = { user: 'u', resources: undefined, fromDay: undefined, toDay: undefined };
  await readRows(watched, { ...all, metric, fromFirstMs: 1, beforeFirstMs: 9 }, undefined, 10);
  const plain = new DatabaseSync(path);
  const plan = plain
    .prepare(`explain query plan ${query?.sql}`)
    .all(...((query?.parameters ?? []) as (string | number)[]));
  plain.close();
  await database.close();
  rmSync(folder, { recursive: true });
  expect(plan.map(({ detail }) => detail)).toContainEqual(expect.stringContaining(index));
});
