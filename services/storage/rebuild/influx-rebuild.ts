// The metrics of a rebuild in InfluxDB: another bucket. The second set of tables names it, so the switch of the tables is the switch of the bucket.
// Dashboards ask InfluxQL for the name in the settings, which is then led to the new bucket.
import type { Clock } from '../../runtime/clock.ts';

import { nameServingBucket, servingBucket } from '../metric-ledger.ts';
import { createInfluxClient } from '../metric-store/influx-client.ts';
import { createInfluxMetricStore } from '../metric-store/influx-metric-store.ts';
import type { InfluxConnection } from '../metric-store/influx-settings.ts';
import type { StoreDatabase } from '../tables.ts';
import type { RebuildMetrics } from './rebuild-store.ts';

export interface InfluxRebuild {
  connection: InfluxConnection;
  /** The tables that serve. */
  serving: StoreDatabase;
  clock: Clock;
}

export function influxRebuild({ connection, serving, clock }: InfluxRebuild): RebuildMetrics {
  const client = createInfluxClient(connection);
  const bucket = `${connection.bucket}-${new Date(clock.now()).toISOString().replace(/[-:.]/g, '').toLowerCase()}`;
  let before = connection.bucket;
  return {
    async open(store) {
      before = (await servingBucket(serving.read)) ?? connection.bucket;
      await client.ensureBucket(bucket);
      await store.transaction((tx) => nameServingBucket(tx, bucket));
      return createInfluxMetricStore({ client, database: store, bucket });
    },
    async switched() {
      await client.mapDatabase(connection.bucket, bucket);
      await client.dropBucket(before);
    },
    givenUp: () => client.dropBucket(bucket),
  };
}
