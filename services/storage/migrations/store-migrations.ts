// The tables of `store`: projections of the log, with the offsets of the consumers that write them. Delete them and they refill.
// A step that was released never changes; a new one is added below.
import type { Migrations } from '../../runtime/database/migrate.ts';
import { createArchiveTables } from '../archive.ts';
import { createOffsetTables } from '../consumer-offsets.ts';
import { createLongDocumentIndex, createMetricLedgerTables } from '../metric-ledger.ts';
import { createMetricTables } from '../metric-points.ts';

export const storeMigrations: Migrations = (types) => ({
  '0001_consumer_offsets': { up: (db) => createOffsetTables(db.schema, types) },
  '0002_metrics': { up: (db) => createMetricTables(db.schema, types) },
  '0003_archive': { up: (db) => createArchiveTables(db.schema, types) },
  '0004_metric_ledger': { up: (db) => createMetricLedgerTables(db.schema, types) },
  '0005_long_documents': { up: (db) => createLongDocumentIndex(db.schema) },
});
