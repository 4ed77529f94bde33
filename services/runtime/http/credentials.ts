// Who may use the page and the API: whoever knows HTTP_PASSWORD, sent as HTTP Basic (any user name; browsers ask for it) or as a Bearer
// token (programs). On a loopback address it may be left out, on any other the server refuses to start without it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { SettingsError } from '../settings.ts';
import { isLoopback } from './host-check.ts';
import { HttpError } from './json-error.ts';

/** @throws SettingsError when strangers could reach the listener and no password is set */
export function requireCredentials({ host, password }: { host: string; password: string | undefined }): void {
  if (password !== undefined || isLoopback(host)) return;
  throw new SettingsError([
    `HTTP_PASSWORD is not set, but HTTP_HOST=${host} lets other machines in: set HTTP_PASSWORD to a long random text, or HTTP_HOST to 127.0.0.1`,
  ]);
}

// Digests have one length, so the comparison takes the same time whatever was sent.
const digest = (text: string) => createHash('sha256').update(text).digest();

/** @param authorization the header as received */
export function isAuthorized(authorization: string | undefined, password: string): boolean {
  const [, scheme, value] = /^(basic|bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return false;
  const given = scheme.toLowerCase() === 'bearer' ? value : passwordOfBasic(value);
  return timingSafeEqual(digest(given), digest(password));
}

function passwordOfBasic(value: string): string {
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** Lets everything pass when no password is set (requireCredentials decided whether that may be). */
export const credentialsCheck =
  (password: string | undefined): RequestHandler =>
  (request, _response, next) => {
    if (password === undefined || isAuthorized(request.headers.authorization, password)) return next();
    next(
      new HttpError({
        status: 401,
        code: 'unauthorized',
        message: 'This needs the password of the server.',
        hint: 'Send HTTP_PASSWORD as the password of HTTP Basic (any user name) or as a Bearer token.',
        headers: { 'WWW-Authenticate': 'Basic realm="oura-streaming", charset="UTF-8"' },
      }),
    );
  };
