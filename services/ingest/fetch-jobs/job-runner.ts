// Runs the fetch jobs that are due, person by person, and writes down what became of each. A person whose grant is gone, or whom Oura
// tells to wait, stops alone. Also lets jobs of people nobody knew go on once they have connected.
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import {
  adoptJobs,
  changeJob,
  delayJobsOf,
  type FetchJob,
  type FetchJobTables,
  finishJob,
  loadDueJobs,
  ouraIdsWaitedFor,
  parkFetchesOf,
  peopleWithDueJobs,
  reopenJobsOf,
} from '../../storage/fetch-jobs.ts';
import { findGrantSummary, type GrantTables } from '../../storage/grants.ts';
import { guardedBy, type Lease } from '../../storage/lease-keeper.ts';
import type { LeaseTables } from '../../storage/leases.ts';
import { findPersonByOuraId, type PeopleTables } from '../../storage/people.ts';
import { createPersonTurns, type PersonTurns } from '../schedule/person-turns.ts';
import { type JobResult, type RunJobParts, runJob } from './run-job.ts';

export interface JobRunnerTables extends FetchJobTables, GrantTables, PeopleTables, LeaseTables {}

export interface JobRunnerParts extends RunJobParts {
  state: Database<JobRunnerTables>;
  clock: Clock;
  logger: Logger;
  lease: Lease;
  concurrency: number;
  /** How often the table is asked for jobs that another process wrote; those of this process are announced by poke(). */
  everyMs?: number;
  /** How an attempt ended: `document`, `deletion`, or the reason why not. */
  count(outcome: string): void;
}

export interface JobRunner extends PersonTurns {
  /** In the transaction that stores a grant: the person's jobs that rested for want of it, or of them, are open again. Then call poke(). */
  reopenFor(tx: Transaction<JobRunnerTables>, person: { userId: string; ouraUserId: string }): Promise<void>;
  /** Lets the jobs of people go on who connected while another process answered them. */
  adoptWaiting(): Promise<void>;
}

// A turn ends after so many, so that the people are served in turn.
const jobsPerTurn = 20;
const usualEveryMs = 1_000;
const reasonsThatEndWithConnecting = ['needs_consent', 'scope_missing', 'forbidden'];

export function createJobRunner(parts: JobRunnerParts): JobRunner {
  const { state, clock, count } = parts;
  const guarded = guardedBy(parts.lease, state);

  const serve = async (userId: string, signal: AbortSignal): Promise<void> => {
    const grant = await findGrantSummary(state.read, userId);
    for (const job of await loadDueJobs(state.read, userId, clock.now(), jobsPerTurn)) {
      if (signal.aborted) return;
      const result = await runJob(parts, job, grant?.scopes, signal);
      // What ended because we are stopping is no attempt.
      if (signal.aborted && result.kind !== 'done') return;
      count(labelOf(result));
      await write(job, result);
      if (result.kind === 'pause-person' || result.kind === 'park-person') return;
    }
  };

  const write = (job: FetchJob, result: JobResult): Promise<void> =>
    guarded.transaction(async (tx) => {
      const nowMs = clock.now();
      const { notFoundCount, failureCount } = job;
      switch (result.kind) {
        case 'done':
          return finishJob(tx, job);
        case 'pause-person':
          return delayJobsOf(tx, job.userId, nowMs + result.afterMs);
        case 'park-person':
          return parkFetchesOf(tx, job, result.reason, nowMs);
        case 'give-up': {
          const change = {
            state: 'given_up',
            reason: result.reason,
            notFoundCount,
            failureCount,
            nextAtMs: nowMs,
          } as const;
          return changeJob(tx, job, change, nowMs);
        }
        case 'retry': {
          const counts = {
            notFoundCount: notFoundCount + (result.counts === 'not-found' ? 1 : 0),
            failureCount: failureCount + (result.counts === 'failure' ? 1 : 0),
          };
          const change = { state: 'open', reason: result.reason, ...counts, nextAtMs: nowMs + result.afterMs } as const;
          return changeJob(tx, job, change, nowMs);
        }
      }
    });

  const turns = createPersonTurns({
    ...parts,
    name: 'fetch jobs',
    everyMs: parts.everyMs ?? usualEveryMs,
    duePeople: (nowMs, limit) => peopleWithDueJobs(state.read, nowMs, limit),
    serve,
  });

  const adopt = (tx: Transaction<JobRunnerTables>, person: { userId: string; ouraUserId: string }) =>
    adoptJobs(tx, { ...person, waitingReason: 'waiting_for_connection' }, clock.now());

  return {
    ...turns,
    async reopenFor(tx, person) {
      await reopenJobsOf(tx, person.userId, reasonsThatEndWithConnecting, clock.now());
      await adopt(tx, person);
    },
    async adoptWaiting() {
      for (const ouraUserId of await ouraIdsWaitedFor(state.read, 'waiting_for_connection')) {
        const person = await findPersonByOuraId(state.read, ouraUserId);
        if (person) await state.transaction((tx) => adopt(tx, { userId: person.userId, ouraUserId }));
      }
      turns.poke();
    },
  };
}

const labelOf = (result: JobResult): string => (result.kind === 'done' ? result.as : result.reason);
