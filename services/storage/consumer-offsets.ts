// Where each consumer stands in each partition, kept in the database its sink is in and written in the sink's transaction. The write
// only succeeds from the position the consumer started at, which fences a member that lost its partition and does not know it.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';
import type { TopicPartition } from '../runtime/log/message-log.ts';

export interface OffsetTables {
  consumer_offsets: {
    consumer: string;
    topic: string;
    partition_no: number;
    next_offset: number;
    updated_at_ms: number;
  };
}

export async function createOffsetTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('consumer_offsets')
    .addColumn('consumer', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('partition_no', 'integer', (c) => c.notNull())
    .addColumn('next_offset', types.integer64, (c) => c.notNull())
    .addColumn('updated_at_ms', types.integer64, (c) => c.notNull())
    .addPrimaryKeyConstraint('consumer_offsets_pk', ['consumer', 'topic', 'partition_no'])
    .execute();
}

/** The next offset the consumer has to handle; undefined when it never handled anything of the partition. */
export async function loadOffset(
  db: Kysely<OffsetTables>,
  consumer: string,
  at: TopicPartition,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('consumer_offsets')
    .select('next_offset')
    .where('consumer', '=', consumer)
    .where('topic', '=', at.topic)
    .where('partition_no', '=', at.partition)
    .executeTakeFirst();
  return row?.next_offset;
}

export interface OffsetMove {
  consumer: string;
  at: TopicPartition;
  /** What loadOffset said, or the previous move's `to`; undefined for the first. */
  from: number | undefined;
  to: number;
  nowMs: number;
}

/** Moves the offset; false when another member moved it meanwhile: then the whole transaction must be rolled back. */
export async function moveOffset(
  tx: Transaction<OffsetTables>,
  { consumer, at, from, to, nowMs }: OffsetMove,
): Promise<boolean> {
  if (from === undefined) {
    const inserted = await tx
      .insertInto('consumer_offsets')
      .values({ consumer, topic: at.topic, partition_no: at.partition, next_offset: to, updated_at_ms: nowMs })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
  }
  const updated = await tx
    .updateTable('consumer_offsets')
    .set({ next_offset: to, updated_at_ms: nowMs })
    .where('consumer', '=', consumer)
    .where('topic', '=', at.topic)
    .where('partition_no', '=', at.partition)
    .where('next_offset', '=', from)
    .executeTakeFirst();
  return Number(updated.numUpdatedRows) === 1;
}
