// Refuses requests for a host name that is not ours. Without it a foreign web page could point its own name at 127.0.0.1 and read
// everything (DNS rebinding). That attack needs a name, so addresses and loopback names pass; every other name has to be configured.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { HttpError } from './json-error.ts';

/** Host name of a Host header, in lower case, without port and brackets; undefined when it is not one. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'));

/** @param allowed names without port */
export function isAllowedHost(header: string | undefined, allowed: readonly string[]): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  return isIP(name) !== 0 || isLoopback(name) || allowed.some((host) => host.toLowerCase() === name);
}

export const hostCheck =
  (allowed: readonly string[]): RequestHandler =>
  (request, _response, next) => {
    if (isAllowedHost(request.headers.host, allowed)) return next();
    next(
      new HttpError({
        status: 421,
        code: 'unknown_host',
        message: 'This server does not answer for that host name.',
        hint: 'If the name is yours, add it to HTTP_ALLOWED_HOSTS.',
      }),
    );
  };
