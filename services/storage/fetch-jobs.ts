// What has to be fetched from Oura because a notification named it: one row per person, data type and object, however many notifications
// came. A row goes away when the document is on the log; what waits or was given up stays with its reason, so it can be listed (P8).
// Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export type FetchJobState = 'open' | 'parked' | 'given_up';

export interface FetchJobTables {
  fetch_jobs: {
    user_id: string;
    /** As the notification named it; not every one has a route. */
    data_type: string;
    object_id: string;
    oura_user_id: string;
    event_type: string;
    /** Oura's event time, or the arrival where it gave none. */
    event_at_ms: number;
    notified_at_ms: number;
    notification_id: string;
    job_state: FetchJobState;
    reason: string | null;
    not_found_count: number;
    failure_count: number;
    next_at_ms: number;
    updated_at_ms: number;
  };
}

export interface NewFetchJob {
  userId: string;
  dataType: string;
  objectId: string;
  ouraUserId: string;
  eventType: string;
  eventAtMs: number;
  notifiedAtMs: number;
  notificationId: string;
  state: FetchJobState;
  reason: string | null;
}

export interface FetchJob extends NewFetchJob {
  notFoundCount: number;
  failureCount: number;
  nextAtMs: number;
  updatedAtMs: number;
}

export async function createFetchJobTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('fetch_jobs')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('data_type', 'text', (c) => c.notNull())
    .addColumn('object_id', 'text', (c) => c.notNull())
    .addColumn('oura_user_id', 'text', (c) => c.notNull())
    .addColumn('event_type', 'text', (c) => c.notNull())
    .addColumn('event_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('notified_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('notification_id', 'text', (c) => c.notNull())
    .addColumn('job_state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('not_found_count', 'integer', (c) => c.notNull())
    .addColumn('failure_count', 'integer', (c) => c.notNull())
    .addColumn('next_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('updated_at_ms', types.integer64, (c) => c.notNull())
    .addPrimaryKeyConstraint('fetch_jobs_pk', ['user_id', 'data_type', 'object_id'])
    .execute();
  await schema.createIndex('fetch_jobs_due').on('fetch_jobs').columns(['job_state', 'next_at_ms']).execute();
}

const jobOf = (row: FetchJobTables['fetch_jobs']): FetchJob => ({
  userId: row.user_id,
  dataType: row.data_type,
  objectId: row.object_id,
  ouraUserId: row.oura_user_id,
  eventType: row.event_type,
  eventAtMs: row.event_at_ms,
  notifiedAtMs: row.notified_at_ms,
  notificationId: row.notification_id,
  state: row.job_state,
  reason: row.reason,
  notFoundCount: row.not_found_count,
  failureCount: row.failure_count,
  nextAtMs: row.next_at_ms,
  updatedAtMs: row.updated_at_ms,
});

const rowOf = (job: NewFetchJob, nowMs: number): FetchJobTables['fetch_jobs'] => ({
  user_id: job.userId,
  data_type: job.dataType,
  object_id: job.objectId,
  oura_user_id: job.ouraUserId,
  event_type: job.eventType,
  event_at_ms: job.eventAtMs,
  notified_at_ms: job.notifiedAtMs,
  notification_id: job.notificationId,
  job_state: job.state,
  reason: job.reason,
  not_found_count: 0,
  failure_count: 0,
  next_at_ms: nowMs,
  updated_at_ms: nowMs,
});

/** Both engines bound the parameters of one statement; a row has 14. */
const rowsPerStatement = 1000;

/** The one of each object whose event is newest; of equals the last. A statement may name a row once. */
function newestOfEach(jobs: readonly NewFetchJob[]): NewFetchJob[] {
  const newest = new Map<string, NewFetchJob>();
  for (const job of jobs) {
    const key = `${job.userId}\n${job.dataType}\n${job.objectId}`;
    const known = newest.get(key);
    if (!known || known.eventAtMs <= job.eventAtMs) newest.set(key, job);
  }
  return [...newest.values()];
}

/** Makes each job, or makes the one there is begin anew when this event is not older than its event. */
export async function putJobs(
  tx: Transaction<FetchJobTables>,
  jobs: readonly NewFetchJob[],
  nowMs: number,
): Promise<void> {
  const rows = newestOfEach(jobs).map((job) => rowOf(job, nowMs));
  for (let start = 0; start < rows.length; start += rowsPerStatement)
    await putRows(tx, rows.slice(start, start + rowsPerStatement), nowMs);
}

async function putRows(tx: Transaction<FetchJobTables>, rows: FetchJobTables['fetch_jobs'][], nowMs: number) {
  await tx
    .insertInto('fetch_jobs')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'data_type', 'object_id'])
        .doUpdateSet((row) => ({
          event_type: row.ref('excluded.event_type'),
          event_at_ms: row.ref('excluded.event_at_ms'),
          notified_at_ms: row.ref('excluded.notified_at_ms'),
          notification_id: row.ref('excluded.notification_id'),
          job_state: row.ref('excluded.job_state'),
          reason: row.ref('excluded.reason'),
          not_found_count: 0,
          failure_count: 0,
          next_at_ms: nowMs,
          updated_at_ms: nowMs,
        }))
        .whereRef('excluded.event_at_ms', '>=', 'fetch_jobs.event_at_ms'),
    )
    .execute();
}

/** People with open jobs that are due, the longest waiting first. */
export async function peopleWithDueJobs(db: Kysely<FetchJobTables>, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('fetch_jobs')
    .select((eb) => ['user_id', eb.fn.min('next_at_ms').as('due_at_ms')])
    .where('job_state', '=', 'open')
    .where('next_at_ms', '<=', nowMs)
    .groupBy('user_id')
    .orderBy('due_at_ms')
    .limit(limit)
    .execute();
  return rows.map((row) => row.user_id);
}

export async function loadDueJobs(
  db: Kysely<FetchJobTables>,
  userId: string,
  nowMs: number,
  limit: number,
): Promise<FetchJob[]> {
  const rows = await db
    .selectFrom('fetch_jobs')
    .selectAll()
    .where('user_id', '=', userId)
    .where('job_state', '=', 'open')
    .where('next_at_ms', '<=', nowMs)
    .orderBy('next_at_ms')
    .orderBy('event_at_ms')
    .limit(limit)
    .execute();
  return rows.map(jobOf);
}

type JobKey = Pick<FetchJob, 'userId' | 'dataType' | 'objectId' | 'notificationId'>;

/** The document is on the log. Nothing happens when a newer notification took the job over meanwhile. */
export async function finishJob(tx: Transaction<FetchJobTables>, job: JobKey): Promise<void> {
  await tx
    .deleteFrom('fetch_jobs')
    .where('user_id', '=', job.userId)
    .where('data_type', '=', job.dataType)
    .where('object_id', '=', job.objectId)
    .where('notification_id', '=', job.notificationId)
    .execute();
}

export interface JobChange {
  state: FetchJobState;
  reason: string;
  notFoundCount: number;
  failureCount: number;
  nextAtMs: number;
}

/** What an attempt that did not bring the document means for the job. As with finishJob, a newer notification wins. */
export async function changeJob(
  tx: Transaction<FetchJobTables>,
  job: JobKey,
  change: JobChange,
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('fetch_jobs')
    .set({
      job_state: change.state,
      reason: change.reason,
      not_found_count: change.notFoundCount,
      failure_count: change.failureCount,
      next_at_ms: change.nextAtMs,
      updated_at_ms: nowMs,
    })
    .where('user_id', '=', job.userId)
    .where('data_type', '=', job.dataType)
    .where('object_id', '=', job.objectId)
    .where('notification_id', '=', job.notificationId)
    .execute();
}

/** None of the person's open jobs runs before `untilMs`: Oura asked to wait. */
export async function delayJobsOf(tx: Transaction<FetchJobTables>, userId: string, untilMs: number): Promise<void> {
  await tx
    .updateTable('fetch_jobs')
    .set({ next_at_ms: untilMs })
    .where('user_id', '=', userId)
    .where('job_state', '=', 'open')
    .where('next_at_ms', '<', untilMs)
    .execute();
}

/**
 * The job, and the person's other open fetches, rest. Deletions go on: they may need nothing of Oura; the job at hand did, whatever it is.
 */
export async function parkFetchesOf(
  tx: Transaction<FetchJobTables>,
  job: JobKey,
  reason: string,
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('fetch_jobs')
    .set({ job_state: 'parked', reason, updated_at_ms: nowMs })
    .where('user_id', '=', job.userId)
    .where('job_state', '=', 'open')
    .where((eb) => eb.or([eb('event_type', '!=', 'delete'), eb('notification_id', '=', job.notificationId)]))
    .execute();
}

/** Opens again those of the person's jobs that wait, or were given up, for one of the reasons. */
export async function reopenJobsOf(
  tx: Transaction<FetchJobTables>,
  userId: string,
  reasons: readonly string[],
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('fetch_jobs')
    .set({ job_state: 'open', reason: null, next_at_ms: nowMs, updated_at_ms: nowMs })
    .where('user_id', '=', userId)
    .where('job_state', '!=', 'open')
    .where('reason', 'in', reasons)
    .execute();
}

/** The jobs that wait for somebody with this Oura id become the person's. Answers how many. */
export async function adoptJobs(
  tx: Transaction<FetchJobTables>,
  adoption: { ouraUserId: string; userId: string; waitingReason: string },
  nowMs: number,
): Promise<number> {
  const rows = await tx
    .deleteFrom('fetch_jobs')
    .where('oura_user_id', '=', adoption.ouraUserId)
    .where('reason', '=', adoption.waitingReason)
    .returningAll()
    .execute();
  const adopted = rows.map(
    (row): NewFetchJob => ({ ...jobOf(row), userId: adoption.userId, state: 'open', reason: null }),
  );
  await putJobs(tx, adopted, nowMs);
  return rows.length;
}

/** Oura ids that jobs wait for. */
export async function ouraIdsWaitedFor(db: Kysely<FetchJobTables>, waitingReason: string): Promise<string[]> {
  const rows = await db
    .selectFrom('fetch_jobs')
    .select('oura_user_id')
    .distinct()
    .where('job_state', '=', 'parked')
    .where('reason', '=', waitingReason)
    .execute();
  return rows.map((row) => row.oura_user_id);
}

export interface JobFilter {
  userId?: string;
  state?: FetchJobState;
  limit: number;
}

/** Newest change first. */
export async function listJobs(db: Kysely<FetchJobTables>, { userId, state, limit }: JobFilter): Promise<FetchJob[]> {
  let query = db.selectFrom('fetch_jobs').selectAll();
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (state !== undefined) query = query.where('job_state', '=', state);
  return (await query.orderBy('updated_at_ms', 'desc').limit(limit).execute()).map(jobOf);
}

/** How many jobs there are by state. */
export async function countJobs(db: Kysely<FetchJobTables>): Promise<Map<FetchJobState, number>> {
  const rows = await db
    .selectFrom('fetch_jobs')
    .select((eb) => ['job_state', eb.fn.countAll().as('jobs')])
    .groupBy('job_state')
    .execute();
  return new Map(rows.map((row) => [row.job_state, Number(row.jobs)]));
}
