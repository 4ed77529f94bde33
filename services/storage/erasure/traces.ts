// What is still left of a person who is being erased, by table and topic: what `people erase` waits for, and what lets ingest forget whose erasure it was.

import { topicNames } from '../../../schemas/topics.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import { type Erasure, idsOf } from '../erasures.ts';
import type { StateDatabase, StoreDatabase, StoreTables } from '../tables.ts';
import { countStateRows } from './erase-state-rows.ts';
import { createLivingKeys } from './living-keys.ts';

const ofStore = [
  'archived_notifications',
  'archived_documents',
  'metric_documents',
  'metric_rows',
  'metric_ledger',
] as const satisfies readonly (keyof StoreTables)[];

export interface TraceParts {
  log: MessageLog;
  store: Pick<StoreDatabase, 'read'>;
  state: Pick<StateDatabase, 'read'>;
}

export interface Traces {
  /** Rows by table, messages by topic; empty when nothing is left. @throws Failure */
  count(): Promise<Map<string, number>>;
}

/** Keeps what it has read of the topics for the next count. */
export function createTraces({ log, store, state }: TraceParts, erasure: Erasure): Traces {
  const ids = idsOf(erasure);
  const keys = createLivingKeys(log, topicNames, ids);
  return {
    async count() {
      const left = await countStateRows(state.read, erasure);
      for (const table of ofStore) {
        const { rows } = await store.read
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('rows'))
          .where('user_id', 'in', ids)
          .executeTakeFirstOrThrow();
        if (Number(rows) > 0) left.set(table, Number(rows));
      }
      for (const { topic } of await keys.find()) left.set(topic, (left.get(topic) ?? 0) + 1);
      return left;
    },
  };
}
