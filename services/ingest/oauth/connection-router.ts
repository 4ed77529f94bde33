// Commands of the page and the API about connections: open one for a person, end one, rename a person. For the main listener, which
// guards it with its credentials.
import { json, Router } from 'express';
import { z } from 'zod';
import { HttpError } from '../../runtime/http/json-error.ts';
import { defaultPersonName, findPersonById, normalizeName, renamePerson } from '../../storage/people.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import type { ConnectFlow } from './connect-flow.ts';
import type { Disconnection } from './disconnect.ts';

export interface ConnectionRouterParts {
  state: StateDatabase;
  /** Undefined while no application at Oura is set up. */
  flow: ConnectFlow | undefined;
  disconnect(userId: string): Promise<Disconnection>;
}

const hourS = 3600;
const connectBody = z.strictObject({
  name: z.string().default(defaultPersonName),
  /** How long the link may be used: an hour for oneself; a link that is sent to somebody may need days. */
  valid_for_s: z
    .number()
    .int()
    .min(60)
    .max(30 * 24 * hourS)
    .default(hourS),
});
const renameBody = z.strictObject({ name: z.string() });

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new HttpError({ status: 400, code: 'bad_request', message: problems.join('; ') });
}

function parseName(text: string): string {
  const name = normalizeName(text);
  if (name) return name;
  throw new HttpError({
    status: 400,
    code: 'bad_name',
    message: 'A name has 1 to 80 characters and no control characters.',
  });
}

const noSuchPerson = (): HttpError =>
  new HttpError({ status: 404, code: 'no_such_person', message: 'Nobody here has this id.' });

export function createConnectionRouter({ state, flow, disconnect }: ConnectionRouterParts): Router {
  const router = Router();
  const body = json({ limit: '4kb' });

  router.post('/api/v1/connect', body, async (request, response) => {
    const { name, valid_for_s: validForS } = parse(connectBody, request.body);
    if (!flow)
      throw new HttpError({
        status: 409,
        code: 'not_set_up',
        message: 'No application at Oura is set up.',
        hint: 'Set OURA_CLIENT_ID and OURA_CLIENT_SECRET and start again.',
      });
    const attempt = await flow.begin({ name: parseName(name), validForMs: validForS * 1000 });
    response.status(201).json({
      authorize_url: attempt.authorizeUrl,
      connect_url: attempt.connectUrl,
      expires_at: new Date(attempt.expiresAtMs).toISOString(),
    });
  });

  router.delete('/api/v1/people/:id/connection', async (request, response) => {
    const { id } = request.params;
    if (!(await findPersonById(state.read, id))) throw noSuchPerson();
    const ended = await disconnect(id);
    if (ended.kind === 'not-connected')
      throw new HttpError({ status: 404, code: 'not_connected', message: 'This person has no connection.' });
    response.json({ revoked_at_oura: ended.isRevoked });
  });

  router.patch('/api/v1/people/:id', body, async (request, response) => {
    const { id } = request.params;
    const name = parseName(parse(renameBody, request.body).name);
    if (!(await findPersonById(state.read, id))) throw noSuchPerson();
    if (!(await state.transaction((tx) => renamePerson(tx, id, name))))
      throw new HttpError({ status: 409, code: 'name_taken', message: `Somebody else is called ${name}.` });
    response.json({ user_id: id, name });
  });
  return router;
}
