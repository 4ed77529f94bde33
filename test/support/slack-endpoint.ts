// HTTP endpoints shaped like Slack's incoming webhooks and Discord's webhooks, for tests. They remember what they took and answer as they are told: the
// queue of answers first, then as the real one does for a good message. They refuse what the real ones would refuse.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlannedAnswer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
  /** Take the message and never answer. */
  silent?: boolean;
}

export interface TakenRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  answered: number;
}

export interface WebhookEndpoint {
  url: string;
  /** Everything that was asked, in order. */
  requests: TakenRequest[];
  /** Bodies of what was answered 2xx. */
  taken(): unknown[];
  /** Answers before the ordinary ones. */
  plan(...answers: PlannedAnswer[]): void;
  close(): Promise<void>;
}

type Ordinary = (body: unknown) => PlannedAnswer;

async function openEndpoint(path: string, ordinary: Ordinary): Promise<WebhookEndpoint> {
  const requests: TakenRequest[] = [];
  const planned: PlannedAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const isHere = request.method === 'POST' && request.url?.split('?')[0] === path;
      const answer = isHere ? (planned.shift() ?? ordinary(parse(body))) : { status: 404, body: 'no_service' };
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        body,
        answered: answer.silent ? 0 : answer.status,
      });
      if (answer.silent) return;
      response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    requests,
    taken: () => requests.filter(({ answered }) => answered >= 200 && answered < 300).map(({ body }) => parse(body)),
    plan: (...answers) => void planned.push(...answers),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const has = (body: unknown, field: string): boolean => typeof body === 'object' && body !== null && field in body;

export const openSlackEndpoint = (): Promise<WebhookEndpoint> =>
  openEndpoint('/services/T000/B000/secret', (body) => {
    if (body === undefined) return { status: 400, body: 'invalid_payload' };
    return has(body, 'text') || has(body, 'blocks') ? { status: 200, body: 'ok' } : { status: 400, body: 'no_text' };
  });

/** With `wait=true` Discord answers 200 and the message, else 204. */
export const openDiscordEndpoint = (): Promise<WebhookEndpoint> =>
  openEndpoint('/api/webhooks/1/secret', (body) =>
    has(body, 'embeds') || has(body, 'content')
      ? { status: 200, body: JSON.stringify({ id: '1' }), headers: { 'content-type': 'application/json' } }
      : { status: 400, body: JSON.stringify({ message: 'Cannot send an empty message', code: 50006 }) },
  );

/** An address of one's own. */
export const openWebhookEndpoint = (): Promise<WebhookEndpoint> => openEndpoint('/hook', () => ({ status: 204 }));
