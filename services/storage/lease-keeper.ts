// Keeps trying to hold one lease for this process and says at any moment whether it does. It counts its own term from before the
// request, and stops believing in it early, so two processes never believe at once as long as their clocks differ by less than a third
// of the term. While the database cannot be reached it holds nothing.
import type { Clock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import type { Logger } from '../runtime/logger.ts';
import { acquireLease, type LeaseTables, releaseLease, renewLease } from './leases.ts';

export interface LeaseKeeperParts {
  state: Database<LeaseTables>;
  name: string;
  owner: string;
  clock: Clock;
  logger: Logger;
  termMs?: number;
}

export interface LeaseKeeper {
  held(): boolean;
  /** The fencing token; undefined while it is not held. */
  token(): number | undefined;
  /** Gives the lease back. Safe to call twice. */
  stop(): Promise<void>;
}

export function keepLease({ state, name, owner, clock, logger, termMs = 30_000 }: LeaseKeeperParts): LeaseKeeper {
  const everyMs = Math.floor(termMs / 3);
  const stopping = new AbortController();
  let token: number | undefined;
  let believedUntilMs = 0;

  const turn = async () => {
    const nowMs = clock.now();
    const term = { name, nowMs, termMs };
    const before = token;
    token = await state.transaction(async (tx) => {
      if (before !== undefined && (await renewLease(tx, { ...term, token: before }))) return before;
      return acquireLease(tx, { ...term, owner });
    });
    believedUntilMs = nowMs + termMs - everyMs;
    if (token !== before) logger.info({ lease: name, held: token !== undefined }, 'the lease changed hands');
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await turn().catch((error) => logger.warn({ err: error, lease: name }, 'the lease could not be renewed'));
      await clock.wait(everyMs, stopping.signal);
    }
  };
  const running = loop();
  const held = () => token !== undefined && clock.now() < believedUntilMs;
  return {
    held,
    token: () => (held() ? token : undefined),
    async stop() {
      stopping.abort();
      await running;
      if (token === undefined) return;
      const last = { name, token };
      token = undefined;
      await state
        .transaction((tx) => releaseLease(tx, last))
        .catch((error) =>
          logger.warn({ err: error, lease: name }, 'the lease could not be given back; it expires by itself'),
        );
    },
  };
}
