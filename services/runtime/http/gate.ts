// A listener's handler before there is one: a port is claimed first of all, and whoever comes while the rest still starts is told to come back.
import type { RequestListener } from 'node:http';
import { HttpError, sendError } from './json-error.ts';

export interface Gate {
  readonly handler: RequestListener;
  /** From now on `handler` answers. */
  open(handler: RequestListener): void;
}

const starting = () =>
  new HttpError({
    status: 503,
    code: 'starting',
    message: 'The server is starting.',
    hint: 'Try again in a moment.',
    headers: { 'Retry-After': '1' },
  });

export function createGate(): Gate {
  let behind: RequestListener = (_request, response) => sendError(response, starting());
  return {
    handler: (request, response) => behind(request, response),
    open(handler) {
      behind = handler;
    },
  };
}
