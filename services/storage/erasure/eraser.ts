// Does a service's part of every erasure at hand, round after round until ingest ends it: what was on its way when it began is swept up by a later
// round. Each replica does it; the rounds may overlap.
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type Erasure, type ErasureTables, listErasures } from '../erasures.ts';
import { type ErasePart, eraseOnce, keysOfPart } from './erase-part.ts';
import type { LivingKeys } from './living-keys.ts';

export interface EraserParts {
  part: ErasePart;
  state: Pick<Database<ErasureTables>, 'read'>;
  log: MessageLog;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
  /** Called after each round of a person. */
  afterRound?(erasure: Erasure): Promise<void>;
}

export interface Eraser {
  start(): void;
  stop(): Promise<void>;
}

const lookEveryMs = 2_000;

export function createEraser({ part, state, log, clock, logger, afterRound }: EraserParts): Eraser {
  const stopping = new AbortController();
  const keys = new Map<string, LivingKeys>();
  let loop = Promise.resolve();
  let failed = false;

  const round = async (): Promise<void> => {
    const open = await listErasures(state.read);
    for (const userId of keys.keys()) if (!open.some((erasure) => erasure.userId === userId)) keys.delete(userId);
    for (const erasure of open) {
      if (stopping.signal.aborted) return;
      const known = keys.get(erasure.userId) ?? keysOfPart(log, part, erasure);
      keys.set(erasure.userId, known);
      await eraseOnce(log, part, erasure, known);
      await afterRound?.(erasure);
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await round();
        failed = false;
      } catch (error) {
        if (!failed) logger.warn({ err: error }, 'a person could not be erased yet, and it is tried again');
        failed = true;
      }
      await clock.wait(lookEveryMs, stopping.signal);
    }
  };

  return {
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
