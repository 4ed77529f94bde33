// Keeps trying to hold one lease for this process and says at any moment whether it does. It counts its own term from before the request, and stops
// believing in it a quarter early, so two processes never believe at once: expiry is measured by the one clock that `sharedNowMs` asks, a term by each
// one's own. A process that was paused finds its belief expired when it wakes; what it was in the middle of is refused by `guard`. While the database
// cannot be reached it holds nothing.
import type { Transaction } from 'kysely';
import type { Clock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import { Failure } from '../runtime/failure.ts';
import type { Logger } from '../runtime/logger.ts';
import { acquireLease, holdsLease, type LeaseTables, releaseLease, renewLease } from './leases.ts';

export interface LeaseKeeperParts {
  state: Database<LeaseTables>;
  name: string;
  owner: string;
  clock: Clock;
  logger: Logger;
  /** How long after a kill another takes over. A renewal every quarter of it. */
  termMs: number;
  /** The time that all who may hold it share; left out where they are on one machine. */
  sharedNowMs?(tx: Transaction<LeaseTables>): Promise<number>;
}

export interface Lease {
  held(): boolean;
  /** The fence: in a transaction that writes by right of the lease. @throws Failure `dependency` when another process has it by now */
  guard(tx: Transaction<LeaseTables>): Promise<void>;
}

export interface LeaseKeeper extends Lease {
  /** The fencing token; undefined while it is not held. */
  token(): number | undefined;
  /** Gives the lease back. Safe to call twice. */
  stop(): Promise<void>;
}

export function keepLease({ state, name, owner, clock, logger, termMs, sharedNowMs }: LeaseKeeperParts): LeaseKeeper {
  const everyMs = Math.floor(termMs / 4);
  const stopping = new AbortController();
  let token: number | undefined;
  let believedUntilMs = 0;

  const turn = async () => {
    const beganMs = clock.now();
    const before = token;
    token = await state.transaction(async (tx) => {
      const term = { name, nowMs: sharedNowMs ? await sharedNowMs(tx) : beganMs, termMs };
      if (before !== undefined && (await renewLease(tx, { ...term, token: before }))) return before;
      return acquireLease(tx, { ...term, owner });
    });
    believedUntilMs = beganMs + termMs - everyMs;
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
    async guard(tx) {
      if (token !== undefined && (await holdsLease(tx, { name, token }))) return;
      throw new Failure('dependency', `another process took over the lease ${name}, so nothing was written`);
    },
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

/** The database for what is done by right of a lease: every transaction is guarded by it. */
export function guardedBy<Tables extends LeaseTables>(lease: Lease, database: Database<Tables>): Database<Tables> {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (tx) => {
        // It has these tables, which TypeScript cannot see through a type parameter.
        await lease.guard(tx as unknown as Transaction<LeaseTables>);
        return work(tx);
      }),
  };
}
