// Runs what is due, person by person: one turn at a time for each, several people at once, so that whoever is slow, limited or has withdrawn
// consent delays nobody else. What is due stands in the database; here is only the loop. Runs while the lease is held.
// What must stay true: it never runs two turns of one person, and after a failure of a store it goes on by itself.
import type { Logger } from 'pino';
import type { Clock } from '../../runtime/clock.ts';
import { failureKind } from '../../runtime/failure.ts';
import type { Lease } from '../../storage/lease-keeper.ts';

export interface PersonTurnsParts {
  name: string;
  clock: Clock;
  logger: Logger;
  lease: Lease;
  /** How many people at once. */
  concurrency: number;
  /** How often the database is asked when nobody calls. */
  everyMs: number;
  /** Who has something due, the longest waiting first. */
  duePeople(nowMs: number, limit: number): Promise<string[]>;
  /** Does what is due for the person; ends early when aborted. */
  serve(userId: string, signal: AbortSignal): Promise<void>;
}

export interface PersonTurns {
  start(): void;
  /** Something may be due now. */
  poke(): void;
  /** Resolves when no turn runs any more. */
  stop(): Promise<void>;
  /** What is wrong, in a sentence; undefined when nothing is. */
  problem(): string | undefined;
  /** False once it stopped for good. */
  isAlive(): boolean;
}

const firstPauseMs = 1_000;
/** Whatever is down is ours: asking again costs nobody anything. */
const longestPauseMs = 8_000;
const restMs = 60_000;

export function createPersonTurns(parts: PersonTurnsParts): PersonTurns {
  const { name, clock, logger, lease, concurrency, everyMs } = parts;
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let turns = new AbortController();
  let wakeUp = new AbortController();
  // Whose turn ended in a defect of ours rests alone; a store that is down pauses everybody.
  const resting = new Map<string, number>();
  let failures = 0;
  let pausedUntilMs = 0;
  let problem: string | undefined;
  let isAlive = true;
  let loop: Promise<void> = Promise.resolve();

  const fail = (error: unknown, userId?: string): void => {
    const kind = failureKind(error);
    problem = `${name}: ${error instanceof Error ? error.message : String(error)}`;
    if (kind === 'configuration') {
      isAlive = false;
      logger.error({ err: error }, `${name} stopped: this does not pass by waiting`);
      stopping.abort();
    } else if (kind === 'poison' && userId !== undefined) {
      resting.set(userId, clock.now() + restMs);
      logger.error({ err: error, userId }, `${name}: a turn failed`);
    } else if (clock.now() >= pausedUntilMs) {
      // Several turns fail at once for one reason: that is one failure.
      pausedUntilMs = clock.now() + Math.min(firstPauseMs * 2 ** Math.min(failures, 20), longestPauseMs);
      if (failures === 0) logger.warn({ err: error }, `${name} waits and tries again`);
      failures += 1;
    }
  };

  const recover = (): void => {
    failures = 0;
    problem = undefined;
  };

  const serve = async (userId: string): Promise<void> => {
    try {
      await parts.serve(userId, turns.signal);
      resting.delete(userId);
      recover();
    } catch (error) {
      fail(error, userId);
    } finally {
      busy.delete(userId);
      wakeUp.abort();
    }
  };

  const mayStart = (userId: string): boolean => !busy.has(userId) && clock.now() >= (resting.get(userId) ?? 0);

  const startDueTurns = async (): Promise<void> => {
    const due = await parts.duePeople(clock.now(), concurrency + busy.size + resting.size);
    if (due.length === 0 && busy.size === 0) recover();
    for (const userId of due) {
      if (busy.size >= concurrency) return;
      if (mayStart(userId)) busy.set(userId, serve(userId));
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wakeUp = new AbortController();
      const isMine = lease.held();
      if (!isMine) {
        turns.abort();
        turns = new AbortController();
      } else if (clock.now() >= pausedUntilMs && busy.size < concurrency) {
        await startDueTurns().catch((error) => fail(error));
      }
      await clock.wait(everyMs, AbortSignal.any([wakeUp.signal, stopping.signal]));
    }
  };

  return {
    start: () => {
      loop = run();
    },
    poke: () => wakeUp.abort(),
    async stop() {
      stopping.abort();
      turns.abort();
      await loop;
      await Promise.all(busy.values());
    },
    problem: () => problem,
    isAlive: () => isAlive,
  };
}
