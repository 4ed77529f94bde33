// The metric store on InfluxDB 2. Points go there; what each document was made to say stands in a ledger in the `store` database, with which a new
// version overwrites and deletes only the difference. The order is: note what is coming as pending, write, delete, note it as said. A crash anywhere
// in between leaves the document pending, and its redelivery repairs it. Applying belongs to one consumer per person at a time, as its partition does.
import type { Database } from '../../runtime/database/database.ts';
import {
  eraseFromLedger,
  type LedgerEntry,
  loadEntries,
  type MetricLedgerTables,
  nextPointMs,
  saveEntries,
  servingBucket,
  usersInLedger,
} from '../metric-ledger.ts';
import { documentKey } from '../metric-points.ts';
import { changeOf, differenceOf } from './influx-change.ts';
import type { InfluxClient } from './influx-client.ts';
import { conditions, identifier, pointsOfUser } from './influx-reading.ts';
import type { MetricStore } from './metric-store.ts';
import { newestOf } from './newest-of.ts';

export interface InfluxMetricStoreParts {
  client: InfluxClient;
  /** The `store` database, with the ledger. */
  database: Database<MetricLedgerTables>;
  /** The bucket, until a rebuild has named another. */
  bucket: string;
}

export function createInfluxMetricStore({ client, database, bucket }: InfluxMetricStoreParts): MetricStore {
  const bucketName = async () => (await servingBucket(database.read)) ?? bucket;
  const save = (entries: readonly LedgerEntry[]) =>
    database.transaction((tx) => saveEntries(tx, entries), { writesOnly: true });

  return {
    async apply(messages) {
      const newest = newestOf(messages);
      const known = new Map((await loadEntries(database.read, newest)).map((entry) => [documentKey(entry), entry]));
      const newer = newest.filter((message) => message.version > (known.get(documentKey(message))?.version ?? 0));
      if (newer.length === 0) return;
      const changes = newer.map((message) => changeOf(message, known.get(documentKey(message))));
      const { lines, ranges } = await differenceOf(database, changes);
      const name = await bucketName();
      await save(changes.map(({ pending }) => pending));
      await client.write(name, lines);
      for (const range of ranges) await client.delete(name, range);
      await save(changes.map(({ said }) => said));
    },

    async *query(query) {
      const users = query.user === undefined ? await usersInLedger(database.read) : [query.user];
      const name = await bucketName();
      for (const user of users) yield* pointsOfUser({ client, database, bucket: name }, user, query);
    },

    async buckets({ user, metric, fromMs, toMs, resolutionMs, resource }) {
      const firstMs = await nextPointMs(database.read, user, fromMs);
      if (firstMs === undefined) return [];
      const where = conditions({
        user,
        fromMs: Math.max(fromMs, firstMs),
        toMs,
        resources: resource === undefined ? undefined : [resource],
      });
      const select = 'select count("value"), mean("value"), min("value"), max("value")';
      const series = await client.select(
        await bucketName(),
        `${select} from ${identifier(metric)} where ${where} group by time(${resolutionMs}ms) fill(none)`,
      );
      return series.flatMap(({ values }) =>
        values.map(([startMs, count, mean, min, max]) => ({
          startMs: Number(startMs),
          count: Number(count),
          mean: Number(mean),
          min: Number(min),
          max: Number(max),
        })),
      );
    },

    async erase(user) {
      await client.deleteUser(await bucketName(), user);
      await database.transaction((tx) => eraseFromLedger(tx, user));
    },

    check: async () => client.check(await bucketName()),
    // The database belongs to whoever opened it; requests hold nothing open.
    close: async () => {},
  };
}
