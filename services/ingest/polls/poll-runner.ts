// Asks for everything that is due, person by person: first what is new, then one window of the history after another, newest first over all
// resources, so that the page fills from today backwards. Every step stands in the `polls` table before the next begins: a kill loses one window.
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { type Resource, resources } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import { findGrantSummary, type GrantTables, listGrantSummaries } from '../../storage/grants.ts';
import { guardedBy, type Lease } from '../../storage/lease-keeper.ts';
import type { LeaseTables } from '../../storage/leases.ts';
import {
  changePoll,
  delayPollsOf,
  ensurePolls,
  listPolls,
  type Poll,
  type PollChange,
  type PollTables,
  parkPollsOf,
  peopleWithDuePolls,
  pollNow,
} from '../../storage/polls.ts';
import { spreadMs } from '../decide-wait.ts';
import { isGranted } from '../oauth/scopes.ts';
import { createPersonTurns, type PersonTurns } from '../schedule/person-turns.ts';
import { decidePoll, type PollDecision } from './decide-poll.ts';
import { afterWindow, dayMs, historyWindow, recentWindow } from './decide-window.ts';
import { hourId } from './hour-documents.ts';
import { type ReadingEnd, type ReadParts, readResource } from './read-resource.ts';

export interface PollTimes {
  documentsMs: number;
  rowsMs: number;
  trailingDays: number;
  historyDays: number;
}

export interface PollRunnerTables extends PollTables, GrantTables, LeaseTables {}

export interface PollRunnerParts extends ReadParts {
  state: Database<PollRunnerTables>;
  clock: Clock;
  logger: Logger;
  lease: Lease;
  concurrency: number;
  times: PollTimes;
  /** How often the table is asked for what is due. */
  everyMs?: number;
  /** In [0, 1). */
  chance(): number;
  count(resource: string, outcome: string): void;
}

export interface PollRunner extends PersonTurns {
  /** Everything of the person is read now, the trailing week included. Answers how many resources; 0: nobody to be asked for. */
  pollNow(userId: string): Promise<number>;
  /** In the transaction that stores a grant: everything of the person is due. Then call poke(). */
  beginFor(tx: Transaction<PollRunnerTables>, userId: string): Promise<void>;
  /** Makes the polls of everybody who has a grant and none yet. */
  ensureAll(): Promise<void>;
}

// A turn ends after so many, so that a long history delays nobody's newest night.
const tasksPerTurn = 20;
// Who connects or asks by hand wakes the loop at once.
const usualEveryMs = 15_000;
// The running hour changes with every row; more often than this it would only make versions.
const runningHourEveryMs = 15 * 60_000;
const profileEveryMs = dayMs;
const byName = new Map<string, Resource>(resources.map((resource) => [resource.name, resource]));
const newPolls = resources.map(({ name, kind }) => ({
  resource: name,
  hasHistory: kind === 'documents' || kind === 'rows',
}));

type Task = { kind: 'recent' | 'history'; poll: Poll; resource: Resource };

export function createPollRunner(parts: PollRunnerParts): PollRunner {
  const { state, clock, times, chance, count } = parts;
  const guarded = guardedBy(parts.lease, state);

  const serve = async (userId: string, signal: AbortSignal): Promise<void> => {
    for (let tasks = 0; tasks < tasksPerTurn && !signal.aborted; tasks += 1) {
      const task = nextTask(await listPolls(state.read, userId), clock.now());
      if (!task) return;
      const grant = await findGrantSummary(state.read, userId);
      const isOpen = !grant || isGranted(task.resource, grant.scopes);
      const end: ReadingEnd = isOpen
        ? await read(task, signal)
        : { kind: 'stopped', answer: { kind: 'scope-missing' } };
      // What ended because we are stopping says nothing about Oura.
      if (signal.aborted && end.kind === 'stopped') return;
      if (end.kind === 'complete') continue;
      const decision = decidePoll(end.answer, task.poll.failureCount, chance());
      count(task.resource.name, decision.outcome);
      await writeDecision(task, decision);
      if (decision.kind === 'pause-person' || decision.kind === 'park-person') return;
    }
  };

  const read = (task: Task, signal: AbortSignal): Promise<ReadingEnd> =>
    task.kind === 'recent' ? readRecent(task, signal) : readHistory(task, signal);

  const readRecent = async ({ poll, resource }: Task, signal: AbortSignal): Promise<ReadingEnd> => {
    const nowMs = clock.now();
    const isTrailing = nowMs - poll.trailingAtMs >= dayMs;
    const isRunningHourFresh = nowMs - poll.runningHourAtMs < runningHourEveryMs;
    const end = await readResource(parts, {
      userId: poll.userId,
      resource,
      window: recentWindow(resource.kind, nowMs, isTrailing ? times.trailingDays : undefined),
      via: 'poll',
      ...(isRunningHourFresh && { exceptHour: hourId(nowMs) }),
      signal,
    });
    if (end.kind !== 'complete') return end;
    count(resource.name, 'ok');
    await write(poll, {
      nextAtMs: nowMs + Math.max(spreadMs(intervalMs(resource), chance()), runningHourEveryMs),
      outcome: 'ok',
      failureCount: 0,
      lastOkAtMs: nowMs,
      ...(isTrailing && { trailingAtMs: nowMs }),
      ...(!isRunningHourFresh && { runningHourAtMs: nowMs }),
    });
    return end;
  };

  const readHistory = async ({ poll, resource }: Task, signal: AbortSignal): Promise<ReadingEnd> => {
    const nowMs = clock.now();
    const before = { beforeMs: poll.backfillBeforeMs, emptyDays: poll.backfillEmptyDays };
    const window = historyWindow(resource.kind, before, nowMs, times.historyDays);
    if (!window) {
      await write(poll, { backfillAtMs: null });
      return { kind: 'complete', found: 0 };
    }
    // The recent poll has just recorded the running hour.
    const exceptHour = hourId(nowMs);
    const end = await readResource(parts, {
      userId: poll.userId,
      resource,
      window,
      via: 'backfill',
      exceptHour,
      signal,
    });
    if (end.kind !== 'complete') return end;
    const after = afterWindow(before, window, end.found);
    count(resource.name, 'history_ok');
    await write(poll, { failureCount: 0, backfillBeforeMs: after.beforeMs, backfillEmptyDays: after.emptyDays });
    return end;
  };

  const intervalMs = ({ kind }: Resource): number =>
    kind === 'rows' ? times.rowsMs : kind === 'documents' ? times.documentsMs : profileEveryMs;

  const write = (poll: Poll, change: PollChange): Promise<void> =>
    guarded.transaction((tx) => changePoll(tx, poll, change));

  const writeDecision = ({ kind, poll }: Task, decision: PollDecision): Promise<void> =>
    guarded.transaction(async (tx) => {
      const nowMs = clock.now();
      if (decision.kind === 'park-person') return parkPollsOf(tx, poll.userId, decision.outcome);
      if (decision.kind === 'pause-person') return delayPollsOf(tx, poll.userId, nowMs + decision.afterMs);
      const againAtMs = nowMs + decision.afterMs;
      await changePoll(tx, poll, {
        outcome: decision.outcome,
        failureCount: decision.kind === 'retry' ? poll.failureCount + 1 : 0,
        // Neither half of a resource that cannot be read now is worth asking for.
        nextAtMs: kind === 'recent' ? againAtMs : Math.max(poll.nextAtMs, againAtMs),
        ...(poll.backfillAtMs !== null && { backfillAtMs: againAtMs }),
      });
    });

  const turns = createPersonTurns({
    ...parts,
    name: 'polls',
    everyMs: parts.everyMs ?? usualEveryMs,
    duePeople: (nowMs, limit) => peopleWithDuePolls(state.read, nowMs, limit),
    serve,
  });

  const ensure = (userId: string): Promise<void> =>
    state.transaction((tx) => ensurePolls(tx, userId, newPolls, clock.now()));

  return {
    ...turns,
    async pollNow(userId) {
      const polls = await state.transaction((tx) => pollNow(tx, userId, clock.now()));
      turns.poke();
      return polls;
    },
    async beginFor(tx, userId) {
      await ensurePolls(tx, userId, newPolls, clock.now());
      await pollNow(tx, userId, clock.now());
    },
    async ensureAll() {
      const known = new Set((await listPolls(state.read)).map((poll) => poll.userId));
      for (const grant of await listGrantSummaries(state.read)) {
        if (grant.state === 'active' && !known.has(grant.userId)) await ensure(grant.userId);
      }
      turns.poke();
    },
  };
}

/** What is new comes before history, and of the history what is nearest to today. */
function nextTask(polls: readonly Poll[], nowMs: number): Task | undefined {
  const open = polls.flatMap((poll) => {
    const resource = byName.get(poll.resource);
    return resource && poll.parkedReason === null ? [{ poll, resource }] : [];
  });
  const recent = open.filter(({ poll }) => poll.nextAtMs <= nowMs);
  const oldest = recent.toSorted((a, b) => a.poll.nextAtMs - b.poll.nextAtMs)[0];
  if (oldest) return { kind: 'recent', ...oldest };
  const reach = (poll: Poll): number => poll.backfillBeforeMs ?? Number.POSITIVE_INFINITY;
  const history = open.filter(({ poll }) => poll.backfillAtMs !== null && poll.backfillAtMs <= nowMs);
  const nearest = history.toSorted((a, b) =>
    reach(a.poll) < reach(b.poll) ? 1 : reach(a.poll) > reach(b.poll) ? -1 : 0,
  )[0];
  return nearest && { kind: 'history', ...nearest };
}
