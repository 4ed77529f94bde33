// Hands the commands of the page on to the services that own the tables, when those run elsewhere (the stack). Bodies are streamed both ways;
// whatever only concerns one connection stays behind. A service that cannot be reached is 503: nothing was done, try again.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Request, type Response, Router } from 'express';
import { HttpError } from '../../runtime/http/json-error.ts';

export interface ForwardTarget {
  url: string;
  /** Express paths, with their methods. */
  routes: readonly (readonly [method: 'get' | 'post' | 'patch' | 'delete', path: string])[];
}

const timeoutMs = 120_000;
const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
]);

const passedOn = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.has(name)));

const unreachable = () =>
  new HttpError({
    status: 503,
    code: 'unavailable',
    message: 'The service that does this cannot be reached.',
    hint: 'Nothing was done. Try again in a moment.',
    headers: { 'Retry-After': '5' },
  });

function forward(base: string, request: Request, response: Response): Promise<void> {
  const url = new URL(request.originalUrl, base);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const refuse = () => (response.headersSent ? response.destroy() : reject(unreachable()));
    const outgoing = send(url, { method: request.method, headers: passedOn(request.headers), timeout: timeoutMs });
    outgoing.on('response', (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
      answer.on('error', refuse);
      answer.pipe(response).on('finish', resolve).on('close', resolve);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('the service took too long')));
    outgoing.on('error', refuse);
    response.on('close', () => outgoing.destroy());
    request.pipe(outgoing);
  });
}

export function forwardRouter(targets: readonly ForwardTarget[]): Router {
  const router = Router();
  for (const { url, routes } of targets) {
    for (const [method, path] of routes) router[method](path, (request, response) => forward(url, request, response));
  }
  return router;
}

export const ingestCommands: ForwardTarget['routes'] = [
  ['get', '/api/v1/people'],
  ['post', '/api/v1/connect'],
  ['delete', '/api/v1/people/:id/connection'],
  ['patch', '/api/v1/people/:id'],
  ['delete', '/api/v1/people/:id'],
  ['get', '/api/v1/erasures'],
  ['post', '/api/v1/people/:id/sync'],
  ['post', '/api/v1/people/:name/import'],
  ['get', '/api/v1/fetch-jobs'],
];

export const alertCommands: ForwardTarget['routes'] = [
  ['get', '/api/v1/alerts'],
  ['get', '/api/v1/alerts/rules'],
  ['post', '/api/v1/alerts/test'],
  ['post', '/api/v1/alerts/:id/acknowledge'],
  ['post', '/api/v1/alerts/:id/snooze'],
];
