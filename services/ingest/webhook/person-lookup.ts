// Whose notification it is: our id of the person who connected that Oura id, else a stable stand-in that waits for them; nobody's, if they were erased. Kept in memory, so that
// a notification does not wait for the database; whoever connects is forgotten here at once, and other processes notice within half a minute.
import { createHash } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import { type ErasureTables, isErasedAtOura } from '../../storage/erasures.ts';
import { findPersonByOuraId, type PeopleTables } from '../../storage/people.ts';

/** The partition and owner of events of somebody nobody here has connected. Says nothing about them, and is always the same. */
export const unknownPersonId = (ouraUserId: string): string =>
  `unknown-${createHash('sha256').update(ouraUserId).digest('hex').slice(0, 16)}`;

export interface PersonLookup {
  /** Null: they were erased here. @throws Failure when the database is asked and is down */
  userIdOf(ouraUserId: string): string | null | Promise<string | null>;
  /** To be called when somebody connects. */
  forget(ouraUserId: string): void;
}

const rememberedForMs = 30_000;
const capacity = 20_000;

export function createPersonLookup({
  state,
  clock,
}: {
  state: Database<PeopleTables & ErasureTables>;
  clock: Clock;
}): PersonLookup {
  const known = new Map<string, { userId: string | null; untilMs: number }>();
  const load = async (ouraUserId: string): Promise<string | null> => {
    const isGone = await isErasedAtOura(state.read, ouraUserId);
    const person = await findPersonByOuraId(state.read, ouraUserId);
    const userId = isGone ? null : (person?.userId ?? unknownPersonId(ouraUserId));
    if (known.size >= capacity) known.clear();
    known.set(ouraUserId, { userId, untilMs: clock.now() + rememberedForMs });
    return userId;
  };
  return {
    userIdOf(ouraUserId) {
      const entry = known.get(ouraUserId);
      return entry && clock.now() < entry.untilMs ? entry.userId : load(ouraUserId);
    },
    forget: (ouraUserId) => void known.delete(ouraUserId),
  };
}
