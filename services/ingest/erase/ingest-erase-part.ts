// Ingest's part of erasing a person: the grant is ended at Oura while its token is still here, then everything that ingest keeps of them goes.
import { documentsTopic } from '../../../schemas/document.ts';
import { notificationsTopic } from '../../../schemas/notification.ts';
import { deleteAttemptsNamed } from '../../storage/connect-attempts.ts';
import type { ErasePart } from '../../storage/erasure/erase-part.ts';
import { eraseIngestRows } from '../../storage/erasure/erase-state-rows.ts';
import { beginErasure, type Erasure, listErasures } from '../../storage/erasures.ts';
import type { Person } from '../../storage/people.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import type { Disconnection } from '../oauth/disconnect.ts';
import { unknownPersonId } from '../webhook/person-lookup.ts';

export interface IngestEraseParts {
  state: StateDatabase;
  disconnect(userId: string): Promise<Disconnection>;
}

export const ingestErasePart = ({ state, disconnect }: IngestEraseParts): ErasePart => ({
  topics: [notificationsTopic, documentsTopic],
  async eraseRows(erasure) {
    await disconnect(erasure.userId);
    await state.transaction((tx) => eraseIngestRows(tx, erasure));
  },
});

/** From here on nothing of the person is taken, and whatever dies, the erasure goes on. The person's own row goes with the rest. */
export async function beginErasing(state: StateDatabase, person: Person, nowMs: number): Promise<Erasure> {
  const { userId, name, ouraUserId } = person;
  const standInId = ouraUserId === null ? null : unknownPersonId(ouraUserId);
  await state.transaction(async (tx) => {
    await beginErasure(tx, { userId, name, ouraUserId, standInId, begunAtMs: nowMs });
    // Only now: whoever opens a link later means to be here again.
    await deleteAttemptsNamed(tx, name);
  });
  const begun = (await listErasures(state.read)).find((erasure) => erasure.userId === userId);
  return begun ?? { userId, name, ouraUserId, standInId, begunAtMs: nowMs };
}
