// A year of one ring with everything Oura does, edits and deletions among it: rebuilt from the log, the tidy export is the same, byte for byte. It needs
// no engine, but more time than the unit tests have.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { encodeDocument } from '../../schemas/document.ts';
import { topicNames } from '../../schemas/topics.ts';
import { archiveConsumer } from '../../services/archive/archive-consumer.ts';
import { writeTidy } from '../../services/export/tidy.ts';
import { normalizeConsumer } from '../../services/normalize/normalize-consumer.ts';
import { openSqliteDatabase } from '../../services/runtime/database/sqlite-database.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { ringWith } from '../../services/simulator/testing/life.ts';
import { usualTraps } from '../../services/simulator/traps.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { storeMigrations } from '../../services/storage/migrations/store-migrations.ts';
import { metricsInTables, rebuildStore } from '../../services/storage/rebuild/rebuild-store.ts';
import { refillStore } from '../../services/storage/rebuild/refill-store.ts';
import { sqliteTarget } from '../../services/storage/rebuild/sqlite-target.ts';
import type { StoreTables } from '../../services/storage/tables.ts';
import { closing } from '../support/closing.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';

const definitions = (metricStore: MetricStore) => [
  archiveConsumer({ archived: () => {} }),
  normalizeConsumer({ metricStore }),
];

async function fingerprint(metricStore: MetricStore) {
  const hash = createHash('sha256');
  let rows = 0;
  const onRows = (count: number) => {
    rows = count;
  };
  for await (const chunk of writeTidy(metricStore.query({}), 'ndjson', onRows)) hash.update(chunk);
  return { rows, sha256: hash.digest('hex') };
}

const kept = closing(afterEach);

test('a rebuilt year is the same year', async () => {
  const clock = createManualClock();
  const folder = mkdtempSync(join(tmpdir(), 'oura-year-'));
  kept({ close: async () => rmSync(folder, { recursive: true }) });
  const log = kept(await openSqliteLog({ path: join(folder, 'log.db'), topics: topicNames, partitions: 6, clock }));
  const period = { fromMs: Date.parse('2026-01-02T00:00:00Z'), toMs: Date.parse('2026-12-31T00:00:00Z') };
  const documents = simulatedDocuments({ ring: ringWith(usualTraps), userId: 'anna', ...period });
  expect(documents.filter(({ deleted }) => deleted).length).toBeGreaterThan(20);
  expect(documents.filter(({ resource, sequence }) => resource === 'sleep' && sequence > 1).length).toBeGreaterThan(
    100,
  );
  for (let from = 0; from < documents.length; from += 1000) {
    await log.append(documents.slice(from, from + 1000).map((document) => encodeDocument(document)));
  }
  const path = join(folder, 'store.db');
  const store = kept(await openSqliteDatabase<StoreTables>({ path, migrations: storeMigrations }));
  const metricStore = createSqlMetricStore(store);
  await refillStore({ log, store, clock, definitions: definitions(metricStore) });
  const before = await fingerprint(metricStore);
  expect(before.rows).toBeGreaterThan(500_000);
  // Whatever the serving store said meanwhile, the log decides.
  await metricStore.erase('anna');
  await rebuildStore({
    log,
    clock,
    definitions,
    target: sqliteTarget(path),
    metrics: metricsInTables(createSqlMetricStore),
  });
  expect(await fingerprint(metricStore)).toEqual(before);
}, 600_000);
