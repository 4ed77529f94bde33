// What has to be looked after now and then, whatever else happens: versions that a failed append left in the outbox, jobs of people who connected
// through another process, polls of people who have none yet, and notifications too old to be replayed.
import type { Logger } from 'pino';
import type { Clock } from '../runtime/clock.ts';
import type { Lease } from '../storage/lease-keeper.ts';

export interface UpkeepParts {
  clock: Clock;
  logger: Logger;
  lease: Lease;
  everyMs: number;
  /** Each goes on although another failed; the next round tries again. */
  chores: readonly { name: string; run(nowMs: number): Promise<void> }[];
}

export interface Upkeep {
  start(): void;
  stop(): Promise<void>;
  /** What failed in the last round, in sentences. */
  problems(): readonly string[];
}

/** Whoever takes over begins with what the one before left lying. */
const leaseLookMs = 1_000;

export function createUpkeep({ clock, logger, lease, everyMs, chores }: UpkeepParts): Upkeep {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let problems: string[] = [];

  const round = async (): Promise<void> => {
    const failed: string[] = [];
    for (const { name, run } of chores) {
      if (stopping.signal.aborted) return;
      await run(clock.now()).catch((error: unknown) => {
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        logger.warn({ err: error }, `${name} could not be done, and is tried again`);
      });
    }
    problems = failed;
  };

  return {
    start() {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          if (lease.held()) await round();
          await clock.wait(lease.held() ? everyMs : leaseLookMs, stopping.signal);
        }
      })();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    problems: () => problems,
  };
}
