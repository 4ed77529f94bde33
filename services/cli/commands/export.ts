// `export --format tidy`: one row per point, streamed. `--as-of` normalises the archive's versions of then into a store of their own.
import { pipeline } from 'node:stream/promises';
import { exportTidy as tidyRows } from '../../export/export-tidy.ts';
import { normalizeDocument } from '../../normalize/normalize-document.ts';
import { openSqliteDatabase } from '../../runtime/database/sqlite-database.ts';
import { createSqlMetricStore } from '../../storage/metric-store/sql-metric-store.ts';
import { storeMigrations } from '../../storage/migrations/store-migrations.ts';
import type { StoreTables } from '../../storage/tables.ts';
import { withPipeline } from '../access.ts';
import { choosePerson } from '../choose-person.ts';
import type { CommandContext } from '../command-context.ts';

export interface ExportOptions {
  csv?: boolean;
  user?: string;
  from?: string;
  to?: string;
  asOf?: string;
}

export function exportTidy(context: CommandContext, options: ExportOptions): Promise<undefined> {
  const { terminal, signal } = context;
  return withPipeline(context, { purpose: 'export', readOnly: true }, async ({ metricStore, store, state }) => {
    const person = options.user === undefined ? undefined : await choosePerson(state.read, options.user);
    const progress = terminal.progress('rows');
    const openScratch = async () =>
      createSqlMetricStore(await openSqliteDatabase<StoreTables>({ path: ':memory:', migrations: storeMigrations }));
    const rows = tidyRows(
      {
        metricStore,
        archive: store.read,
        openScratch,
        normalize(document) {
          const normalized = normalizeDocument(document);
          return normalized.ok ? normalized.message : undefined;
        },
      },
      {
        ...(person && { user: person.userId }),
        from: options.from,
        to: options.to,
        format: options.csv ? 'csv' : 'ndjson',
        asOfMs: options.asOf === undefined ? undefined : Date.parse(options.asOf),
        onRows: (count) => progress.advance(count),
      },
    );
    await pipeline(rows, terminal.out, { end: false, signal }).finally(() => progress.end());
    return undefined;
  });
}
