// Dead letters over HTTP, so that a command works beside a running server. Ids hold slashes and travel encoded.
import { Router } from 'express';
import { topicNames } from '../../schemas/topics.ts';
import {
  discardDeadLetter,
  findDeadLetter,
  listDeadLetters,
  replayDeadLetter,
} from '../runtime/consumer/dead-letters.ts';
import { HttpError } from '../runtime/http/json-error.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';

export const deadLetterTopics: readonly string[] = topicNames.filter((name) => !name.endsWith('.dlq'));

const unknown = (id: string) =>
  new HttpError({
    status: 404,
    code: 'no_such_dead_letter',
    message: `There is no dead letter ${id} (any more).`,
    hint: 'GET /api/v1/dead-letters lists them.',
  });

export function operationsRouter(log: MessageLog): Router {
  const router = Router();
  router.get('/api/v1/dead-letters', async (_request, response) => {
    response.json({ data: await listDeadLetters(log, deadLetterTopics) });
  });
  router.get('/api/v1/dead-letters/:id', async ({ params }, response) => {
    const letter = await findDeadLetter(log, params.id);
    if (!letter) throw unknown(params.id);
    response.json({ ...letter, value: Buffer.from(letter.value).toString('base64') });
  });
  router.post('/api/v1/dead-letters/:id/replay', async ({ params }, response) => {
    if (!(await replayDeadLetter(log, params.id))) throw unknown(params.id);
    response.json({ id: params.id, done: 'replayed' });
  });
  router.delete('/api/v1/dead-letters/:id', async ({ params }, response) => {
    if (!(await discardDeadLetter(log, params.id))) throw unknown(params.id);
    response.json({ id: params.id, done: 'discarded' });
  });
  return router;
}
