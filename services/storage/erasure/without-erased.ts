// A consumer that does not hear of people who were erased: their messages stand in the log until it is compacted, and must bring nothing back, neither to
// one that lags nor in a rebuild.
import type { Kysely } from 'kysely';
import { type ConsumerDefinition, type Handled, skip } from '../../runtime/consumer/consumer.ts';
import { type ErasureTables, findErased } from '../erasures.ts';
import { personOfKey } from './living-keys.ts';

export function withoutErased<Tables>(
  definition: ConsumerDefinition<Tables>,
  state: { read: Kysely<ErasureTables> },
): ConsumerDefinition<Tables> {
  return {
    ...definition,
    async handle(records, nowMs): Promise<Handled<Tables>> {
      const people = [...new Set(records.map(({ key }) => personOfKey(key)))];
      const erased = await findErased(state.read, people);
      if (erased.size === 0) return definition.handle(records, nowMs);
      const isTaken = (key: string) => !erased.has(personOfKey(key));
      const taken = records.filter(({ key }) => isTaken(key));
      if (taken.length === 0) return { outcomes: records.map(() => skip('erased')) };
      const handled = await definition.handle(taken, nowMs);
      const own = handled.outcomes.values();
      return {
        ...handled,
        outcomes: records.map(({ key }) => (isTaken(key) ? (own.next().value ?? skip('erased')) : skip('erased'))),
      };
    },
  };
}
