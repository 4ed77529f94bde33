// When each resource of each connected person is asked for next, and how far back its history has been loaded. One row per person and resource.
// The head poll (`next_at_ms`) and the backfill (`backfill_at_ms`, null once done) are due independently of each other.
// Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface PollTables {
  polls: {
    user_id: string;
    resource: string;
    next_at_ms: number;
    /** Not asked at all while set: the reason. */
    parked_reason: string | null;
    /** How the last poll ended. */
    outcome: string | null;
    failure_count: number;
    last_ok_at_ms: number | null;
    /** When the trailing week was last read again. */
    trailing_at_ms: number;
    /** When the running hour was last recorded (rows only). */
    running_hour_at_ms: number;
    backfill_at_ms: number | null;
    /** Everything from this instant on has been read; null before the first window. */
    backfill_before_ms: number | null;
    /** Days without anything at the old end of what has been read. */
    backfill_empty_days: number;
  };
}

export interface Poll {
  userId: string;
  resource: string;
  nextAtMs: number;
  parkedReason: string | null;
  outcome: string | null;
  failureCount: number;
  lastOkAtMs: number | null;
  trailingAtMs: number;
  runningHourAtMs: number;
  backfillAtMs: number | null;
  backfillBeforeMs: number | null;
  backfillEmptyDays: number;
}

export async function createPollTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('polls')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('next_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('parked_reason', 'text')
    .addColumn('outcome', 'text')
    .addColumn('failure_count', 'integer', (c) => c.notNull())
    .addColumn('last_ok_at_ms', types.integer64)
    .addColumn('trailing_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('running_hour_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('backfill_at_ms', types.integer64)
    .addColumn('backfill_before_ms', types.integer64)
    .addColumn('backfill_empty_days', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('polls_pk', ['user_id', 'resource'])
    .execute();
}

const pollOf = (row: PollTables['polls']): Poll => ({
  userId: row.user_id,
  resource: row.resource,
  nextAtMs: row.next_at_ms,
  parkedReason: row.parked_reason,
  outcome: row.outcome,
  failureCount: row.failure_count,
  lastOkAtMs: row.last_ok_at_ms,
  trailingAtMs: row.trailing_at_ms,
  runningHourAtMs: row.running_hour_at_ms,
  backfillAtMs: row.backfill_at_ms,
  backfillBeforeMs: row.backfill_before_ms,
  backfillEmptyDays: row.backfill_empty_days,
});

export interface NewPoll {
  resource: string;
  hasHistory: boolean;
}

/** Makes the person's polls that do not exist yet, due at once. */
export async function ensurePolls(
  tx: Transaction<PollTables>,
  userId: string,
  polls: readonly NewPoll[],
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('polls')
    .values(
      polls.map(({ resource, hasHistory }) => ({
        user_id: userId,
        resource,
        next_at_ms: nowMs,
        parked_reason: null,
        outcome: null,
        failure_count: 0,
        last_ok_at_ms: null,
        trailing_at_ms: 0,
        running_hour_at_ms: 0,
        backfill_at_ms: hasHistory ? nowMs : null,
        backfill_before_ms: null,
        backfill_empty_days: 0,
      })),
    )
    .onConflict((conflict) => conflict.columns(['user_id', 'resource']).doNothing())
    .execute();
}

/** Everything of the person is due now, the trailing week included; parked polls and an unfinished backfill go on. Answers how many. */
export async function pollNow(tx: Transaction<PollTables>, userId: string, nowMs: number): Promise<number> {
  const result = await tx
    .updateTable('polls')
    .set({ next_at_ms: nowMs, trailing_at_ms: 0, parked_reason: null, failure_count: 0 })
    .where('user_id', '=', userId)
    .executeTakeFirst();
  await tx
    .updateTable('polls')
    .set({ backfill_at_ms: nowMs })
    .where('user_id', '=', userId)
    .where('backfill_at_ms', 'is not', null)
    .execute();
  return Number(result.numUpdatedRows);
}

/** People who have something due, the longest waiting first. */
export async function peopleWithDuePolls(db: Kysely<PollTables>, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('polls')
    .select((eb) => ['user_id', eb.fn.min('next_at_ms').as('due_at_ms')])
    .where('parked_reason', 'is', null)
    .where((eb) => eb.or([eb('next_at_ms', '<=', nowMs), eb('backfill_at_ms', '<=', nowMs)]))
    .groupBy('user_id')
    .orderBy('due_at_ms')
    .limit(limit)
    .execute();
  return rows.map((row) => row.user_id);
}

/** All polls of a person, or everybody's. */
export async function listPolls(db: Kysely<PollTables>, userId?: string): Promise<Poll[]> {
  const query = db.selectFrom('polls').selectAll().orderBy('user_id').orderBy('resource');
  return (await (userId === undefined ? query : query.where('user_id', '=', userId)).execute()).map(pollOf);
}

export type PollChange = Partial<Omit<Poll, 'userId' | 'resource'>>;

export async function changePoll(
  tx: Transaction<PollTables>,
  { userId, resource }: Pick<Poll, 'userId' | 'resource'>,
  change: PollChange,
): Promise<void> {
  const columns = {
    next_at_ms: change.nextAtMs,
    parked_reason: change.parkedReason,
    outcome: change.outcome,
    failure_count: change.failureCount,
    last_ok_at_ms: change.lastOkAtMs,
    trailing_at_ms: change.trailingAtMs,
    running_hour_at_ms: change.runningHourAtMs,
    backfill_at_ms: change.backfillAtMs,
    backfill_before_ms: change.backfillBeforeMs,
    backfill_empty_days: change.backfillEmptyDays,
  };
  const set = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0) return;
  await tx.updateTable('polls').set(set).where('user_id', '=', userId).where('resource', '=', resource).execute();
}

/** Stops all polls of a person until they are polled by hand or connect again. */
export async function parkPollsOf(tx: Transaction<PollTables>, userId: string, reason: string): Promise<void> {
  await tx.updateTable('polls').set({ parked_reason: reason }).where('user_id', '=', userId).execute();
}

/** Nothing of the person is asked before `untilMs`: Oura asked to wait. */
export async function delayPollsOf(tx: Transaction<PollTables>, userId: string, untilMs: number): Promise<void> {
  await tx
    .updateTable('polls')
    .set({ next_at_ms: untilMs })
    .where('user_id', '=', userId)
    .where('next_at_ms', '<', untilMs)
    .execute();
  await tx
    .updateTable('polls')
    .set({ backfill_at_ms: untilMs })
    .where('user_id', '=', userId)
    .where('backfill_at_ms', '<', untilMs)
    .execute();
}
