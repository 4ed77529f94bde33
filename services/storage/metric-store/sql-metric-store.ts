// The embedded metric store: two tables in the `store` database (../metric-points.ts). What a version says is written packed and unpacked when it
// is read. Replacing a document deletes its rows and inserts the new ones in one transaction, so a reader never sees half of it.
import type { Transaction } from 'kysely';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import type { Database } from '../../runtime/database/database.ts';
import {
  deleteRows,
  documentKey,
  eraseMetrics,
  loadLedger,
  type MetricDocument,
  type MetricTables,
  type RowFilter,
  readRows,
  usersWithMetrics,
  writeDocuments,
} from '../metric-points.ts';
import { createBucketing } from './bucket-points.ts';
import { mergePages } from './merge-pages.ts';
import { type FullRow, type MergedPoint, mergeRows, written } from './merge-rows.ts';
import type { MetricQuery, MetricStore } from './metric-store.ts';
import { newestOf } from './newest-of.ts';
import { longestSpanMs, packMessage } from './pack-message.ts';

const rowsPerPage = 500;

export function createSqlMetricStore(database: Database<MetricTables>): MetricStore {
  return {
    async apply(messages) {
      const newest = newestOf(messages);
      if (newest.length === 0) return;
      const write = async (tx: Transaction<MetricTables>) => {
        const known = await loadLedger(tx, newest);
        const newer = newest.filter((message) => message.version > (known.get(documentKey(message)) ?? 0));
        for (const message of newer) if (known.has(documentKey(message))) await deleteRows(tx, message);
        await writeDocuments(tx, newer.map(ledgerEntry), newer.flatMap(rowsOf));
      };
      // The consumer's offset is moved after it, in the same database.
      await database.transaction(write, { isReplayable: true });
    },

    async *query(query) {
      const users = query.user === undefined ? await usersWithMetrics(database.read) : [query.user];
      for (const user of users) {
        for await (const batch of pointsOfUser(database, user, query)) for (const point of batch) yield written(point);
      }
    },

    async buckets({ user, metric, fromMs, toMs, resolutionMs, resource }) {
      const bucketing = createBucketing(resolutionMs);
      const query = { metrics: [metric], fromMs, toMs, ...(resource !== undefined && { resources: [resource] }) };
      for await (const batch of pointsOfUser(database, user, query)) {
        for (const { point } of batch) bucketing.add(point.ms, point.value);
      }
      return bucketing.all();
    },

    erase: (user) => database.transaction((tx) => eraseMetrics(tx, user)),
    check: () => database.check(),
    // The database belongs to whoever opened it.
    close: async () => {},
  };
}

const ledgerEntry = (message: MetricsMessage): MetricDocument => ({
  user_id: message.user_id,
  resource: message.resource,
  object_id: message.object_id,
  version: message.version,
  known_at: message.known_at,
  day: message.day ?? null,
  algorithm: message.algorithm ?? null,
});

const rowsOf = (message: MetricsMessage) =>
  packMessage(message).map((row, row_no) => ({
    user_id: message.user_id,
    resource: message.resource,
    object_id: message.object_id,
    row_no,
    ...row,
  }));

/** The points of one person in batches, in order. */
async function* pointsOfUser(
  database: Database<MetricTables>,
  user: string,
  query: Omit<MetricQuery, 'user'>,
): AsyncIterable<MergedPoint[]> {
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = query;
  for await (const batch of mergeRows(pagesOf(database, user, query))) {
    yield batch.filter(({ point }) => point.ms >= fromMs && point.ms < toMs);
  }
}

/** Rows in the order of their first point: one stream for all metrics, or one per metric asked for, merged. */
function pagesOf(database: Database<MetricTables>, user: string, query: Omit<MetricQuery, 'user'>) {
  const filter = {
    user,
    metric: undefined,
    resources: query.resources,
    fromFirstMs: query.fromMs === undefined ? undefined : query.fromMs - longestSpanMs,
    beforeFirstMs: query.toMs,
    fromDay: query.fromDay,
    toDay: query.toDay,
  };
  if (query.metrics === undefined) return pages(database, filter);
  return mergePages([...new Set(query.metrics)].map((metric) => pages(database, { ...filter, metric })));
}

/** No query stays open while the reader is slow: each page is asked for after the row before it. */
async function* pages(database: Database<MetricTables>, filter: RowFilter): AsyncGenerator<FullRow[]> {
  for (let page = await readRows(database.read, filter, undefined, rowsPerPage); page.length > 0; ) {
    yield page;
    page = page.length < rowsPerPage ? [] : await readRows(database.read, filter, page.at(-1), rowsPerPage);
  }
}
