// Commands of the API about erasing: begin with a person, and see what is left. For the main listener, which guards it with its credentials.
import { Router } from 'express';
import type { Clock } from '../../runtime/clock.ts';
import { HttpError } from '../../runtime/http/json-error.ts';
import { createTraces, type TraceParts, type Traces } from '../../storage/erasure/traces.ts';
import { findErasure, listErasures } from '../../storage/erasures.ts';
import { findPerson } from '../../storage/people.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import type { Disconnection } from '../oauth/disconnect.ts';
import { beginErasing } from './ingest-erase-part.ts';

export interface EraseRouterParts extends TraceParts {
  state: StateDatabase;
  clock: Pick<Clock, 'now'>;
  disconnect(userId: string): Promise<Disconnection>;
  /** Webhooks of that Oura id are no longer theirs. */
  forget(ouraUserId: string): void;
}

export function createEraseRouter(parts: EraseRouterParts): Router {
  const { state, clock, disconnect, forget } = parts;
  const router = Router();
  const known = new Map<string, Traces>();

  router.delete('/api/v1/people/:id', async (request, response) => {
    const person = await findPerson(state.read, request.params.id);
    const begun = person ? undefined : await findErasure(state.read, request.params.id);
    if (begun)
      return void response.status(202).json({ user_id: begun.userId, name: begun.name, revoked_at_oura: null });
    if (!person) throw new HttpError({ status: 404, code: 'no_such_person', message: 'Nobody here has this id.' });
    const { userId, name } = await beginErasing(state, person, clock.now());
    if (person.ouraUserId !== null) forget(person.ouraUserId);
    const ended = await disconnect(userId);
    const revoked = ended.kind === 'disconnected' ? ended.isRevoked : null;
    response.status(202).json({ user_id: userId, name, revoked_at_oura: revoked });
  });

  router.get('/api/v1/erasures', async (_request, response) => {
    const open = await listErasures(state.read);
    for (const userId of known.keys()) if (!open.some((erasure) => erasure.userId === userId)) known.delete(userId);
    const answers: object[] = [];
    for (const erasure of open) {
      const traces = known.get(erasure.userId) ?? createTraces(parts, erasure);
      known.set(erasure.userId, traces);
      answers.push({
        user_id: erasure.userId,
        name: erasure.name,
        begun_at: new Date(erasure.begunAtMs).toISOString(),
        left: Object.fromEntries(await traces.count()),
      });
    }
    response.json({ data: answers });
  });
  return router;
}
