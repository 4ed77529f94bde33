// The answers to a webhook, as one closed table: they are a contract with Oura. 2xx means the log has it, or that its person was erased here and nothing of it may be kept. Never 410, which would cancel the
// subscription, and never 4xx for a fault of ours: those are 503 with Retry-After. Each name is also the label it is counted under.
import type { ServerResponse } from 'node:http';

export const webhookAnswers = {
  accepted: { status: 202, says: 'Kept.' },
  known: { status: 202, says: 'Kept before.' },
  erased: { status: 202, says: 'Nothing is kept of a person who was erased here.' },
  unreadable: { status: 400, says: 'Expected a JSON object with event_type, data_type and user_id.' },
  incomplete: { status: 400, says: 'The body did not arrive whole.' },
  unsigned: { status: 401, says: 'Expected the headers x-oura-signature and x-oura-timestamp.' },
  forged: { status: 401, says: 'The signature does not fit the body.' },
  stale: { status: 401, says: 'The timestamp is too far from the present.' },
  wrong_token: { status: 401, says: 'The verification token is not ours.' },
  no_challenge: { status: 400, says: 'Expected verification_token and challenge.' },
  method_not_allowed: { status: 405, says: 'Expected POST, or GET with a challenge.' },
  too_large: { status: 413, says: 'The body is larger than any notification.' },
  unsupported_type: { status: 415, says: 'Expected content-type application/json.' },
  overloaded: { status: 503, says: 'Too much at once. Try again.' },
  not_kept: { status: 503, says: 'It could not be kept now. Try again.' },
  no_secret: { status: 503, says: 'No secret is configured to check signatures with. Try again later.' },
} as const;

export type WebhookAnswer = keyof typeof webhookAnswers;
export const webhookAnswerNames = Object.keys(webhookAnswers) as WebhookAnswer[];

const retryAfterS = '10';

const wire = new Map(
  webhookAnswerNames.map((name) => {
    const { status, says } = webhookAnswers[name];
    // ASCII, as text: Node then sends head and body in one write.
    const body = JSON.stringify(status < 300 ? { result: name } : { error: { code: name, message: says } });
    const headers = [
      'content-type',
      'application/json',
      'content-length',
      String(body.length),
      'cache-control',
      'no-store',
    ];
    headers.push('x-content-type-options', 'nosniff');
    if (status === 503) headers.push('retry-after', retryAfterS);
    if (status === 405) headers.push('allow', 'GET, POST');
    // What is left of the body is not read: the connection cannot go on.
    if (name === 'too_large' || name === 'incomplete' || name === 'overloaded') headers.push('connection', 'close');
    return [name, { status, headers, body }] as const;
  }),
);

export function sendAnswer(response: ServerResponse, name: WebhookAnswer): void {
  const answer = wire.get(name);
  if (!answer || response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, answer.headers).end(answer.body);
}
