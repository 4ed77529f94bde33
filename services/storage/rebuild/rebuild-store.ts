// A rebuild from start to end: a second set of tables is filled from the log, then the serving one takes over what it says. Where the tables are and how
// the switch is made is the target's business; which metric store goes with them is the metrics'. A set that an earlier, interrupted
// rebuild left is thrown away: it may have been made by another version of the mapping.
import type { Clock } from '../../runtime/clock.ts';
import type { ConsumerDefinition } from '../../runtime/consumer/consumer.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import type { MetricStore } from '../metric-store/metric-store.ts';
import type { StoreDatabase, StoreTables } from '../tables.ts';
import { type RefillParts, type RefillReport, refillStore } from './refill-store.ts';

/** The second set of tables. */
export interface RebuildTarget {
  /** Makes it, empty. */
  open(): Promise<StoreDatabase>;
  /** Makes the serving tables say what the second set says, at once or not at all; the second set is closed by then. */
  switchOver(): Promise<void>;
  /** Removes what is left of it. Called at the end of every rebuild, also of one that failed. */
  clean(): Promise<void>;
}

/** The metric store that belongs to the second set of tables. */
export interface RebuildMetrics {
  open(store: StoreDatabase): Promise<MetricStore>;
  /** After the switch: what served before is not needed any more. */
  switched(): Promise<void>;
  /** The rebuild was given up: what it filled is not needed any more. */
  givenUp(): Promise<void>;
}

/** In the same tables: nothing to do beside them. */
export const metricsInTables = (open: (store: StoreDatabase) => MetricStore): RebuildMetrics => ({
  open: async (store) => open(store),
  switched: async () => {},
  givenUp: async () => {},
});

export interface Rebuild {
  log: MessageLog;
  clock: Clock;
  target: RebuildTarget;
  metrics: RebuildMetrics;
  /** The consumers of the store, made for the second set; they publish nothing. */
  definitions(metricStore: MetricStore): readonly ConsumerDefinition<StoreTables>[];
  onProgress?: NonNullable<RefillParts['onProgress']>;
  signal?: AbortSignal;
}

/** @throws Failure, or the signal's reason; then the serving store is as it was */
export async function rebuildStore({
  target,
  metrics,
  definitions,
  onProgress,
  ...rest
}: Rebuild): Promise<RefillReport> {
  let isSwitched = false;
  try {
    const store = await target.open();
    let report: RefillReport;
    try {
      const parts = { ...rest, store, definitions: definitions(await metrics.open(store)) };
      report = await refillStore({ ...parts, ...(onProgress && { onProgress }) });
      // What was appended meanwhile: little, and after the switch the running consumers handle the rest.
      await refillStore(parts);
    } finally {
      await store.close();
    }
    await target.switchOver();
    isSwitched = true;
    await metrics.switched();
    return report;
  } finally {
    if (!isSwitched) await metrics.givenUp();
    await target.clean();
  }
}
