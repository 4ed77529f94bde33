// Refuses commands that another web page makes the browser send (cross-site request forgery): browsers send the password, or need none on
// 127.0.0.1, whoever asks. Programs send neither header and pass. A WebSocket handshake is a GET and asks isOwnOrigin itself.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { HttpError } from './json-error.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** True when no browser speaks, or the page that speaks was served from here. */
export function isOwnOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

export const originCheck: RequestHandler = (request, _response, next) => {
  if (safeMethods.has(request.method) || isOwnOrigin(request.headers)) return next();
  next(
    new HttpError({
      status: 403,
      code: 'foreign_origin',
      message: 'Commands are only taken from this server’s own page.',
    }),
  );
};
