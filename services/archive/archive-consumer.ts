// The archive as a consumer: each batch of notifications or documents becomes rows, written in the transaction that moves the offset. What is
// there already stays as it is and is counted.
import type { Transaction } from 'kysely';
import { documentsTopic } from '../../schemas/document.ts';
import { notificationsTopic } from '../../schemas/notification.ts';
import { MalformedMessage } from '../../schemas/wire.ts';
import { type ConsumerDefinition, deadLetter, done, type Handled, type Outcome } from '../runtime/consumer/consumer.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import { type ArchiveTables, archiveDocuments, archiveNotifications } from '../storage/archive.ts';
import type { StoreTables } from '../storage/tables.ts';
import { documentRow } from './archive-document.ts';
import { notificationRow } from './archive-notification.ts';

export const archiveConsumerName = 'archive';

export interface ArchiveCounts {
  /** Rows that were new, and messages whose row was there already. */
  archived(topic: string, added: number, known: number): void;
}

export function archiveConsumer(counts: ArchiveCounts): ConsumerDefinition<StoreTables> {
  return {
    name: archiveConsumerName,
    topics: [notificationsTopic, documentsTopic],
    // One sync of the disk for many rows; at most one statement.
    maxRecords: 2000,
    writesOnly: true,
    async handle(records): Promise<Handled<StoreTables>> {
      return records[0]?.topic === documentsTopic
        ? toRows(records, { rowOf: documentRow, insert: archiveDocuments, counts })
        : toRows(records, { rowOf: notificationRow, insert: archiveNotifications, counts });
    },
  };
}

interface Table<Row> {
  rowOf(record: LogRecord): Row;
  insert(tx: Transaction<ArchiveTables>, rows: readonly Row[]): Promise<number>;
  counts: ArchiveCounts;
}

function toRows<Row>(records: readonly LogRecord[], { rowOf, insert, counts }: Table<Row>): Handled<StoreTables> {
  const rows: Row[] = [];
  let added = 0;
  const outcomes = records.map((record): Outcome => {
    try {
      rows.push(rowOf(record));
      return done;
    } catch (error) {
      if (error instanceof MalformedMessage) return deadLetter('malformed', error.message);
      throw error;
    }
  });
  return {
    outcomes,
    write: async (tx) => {
      if (rows.length > 0) added = await insert(tx, rows);
    },
    committed: () => counts.archived(records[0]?.topic ?? '', added, rows.length - added),
  };
}
