// Repeats a piece of work until it is stopped: every so often, or at once when woken. A store that is down is said in health and tried again; nothing that
// goes wrong here ends the loop.
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';

export interface Loop {
  /** Runs as soon as possible, once more if it is running now. */
  wake(): void;
  /** Waits for the work at hand. */
  stop(): Promise<void>;
  /** A sentence, while the last run failed. */
  problem(): string | undefined;
}

export interface LoopParts {
  name: string;
  everyMs: number;
  clock: Clock;
  logger: Logger;
  work(): Promise<void>;
}

export function startLoop({ name, everyMs, clock, logger, work }: LoopParts): Loop {
  let problem: string | undefined;
  let stopped = false;
  let pause = new AbortController();
  const run = async () => {
    while (!stopped) {
      pause = new AbortController();
      try {
        await work();
        problem = undefined;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (problem === undefined) logger.error({ err: error }, `${name} failed and is tried again`);
        problem = `${name}: ${why}. It is tried again every ${everyMs / 1000} s.`;
      }
      if (!stopped) await clock.wait(everyMs, pause.signal);
    }
  };
  const running = run();
  return {
    wake: () => pause.abort(),
    async stop() {
      stopped = true;
      pause.abort();
      await running;
    },
    problem: () => problem,
  };
}
