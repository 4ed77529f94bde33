// The one shape in which an HTTP route says no: `{ error: { code, message, hint? } }`. `code` is a snake_case word for programs, `message`
// says what was wrong, `hint` what to do. An error nobody foresaw is logged and answered without its details.

import type { ServerResponse } from 'node:http';
import { types } from 'node:util';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { Failure } from '../failure.ts';
import type { Logger } from '../logger.ts';

export interface JsonError {
  error: { code: string; message: string; hint?: string };
}

/** Throw it in a route: jsonErrors turns it into the answer. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  constructor(answer: {
    status: number;
    code: string;
    message: string;
    hint?: string;
    headers?: Record<string, string>;
  }) {
    super(answer.message);
    this.status = answer.status;
    this.code = answer.code;
    this.hint = answer.hint;
    this.headers = answer.headers ?? {};
  }
}

export function sendError(response: ServerResponse, { status, code, message, hint, headers }: HttpError): void {
  const body: JsonError = { error: { code, message, ...(hint !== undefined && { hint }) } };
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify(body));
}

export const notFound: RequestHandler = (request, _response, next) =>
  next(
    new HttpError({
      status: 404,
      code: 'not_found',
      message: `There is nothing at ${request.method} ${request.path}.`,
    }),
  );

/** Put it last. Express recognises it by its four parameters. */
export const jsonErrors =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    const answer = asHttpError(error);
    if (answer.status >= 500)
      logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    if (response.headersSent) return next(error);
    sendError(response, answer);
  };

/** What an error means to the caller. Errors of body-parser and express carry a `status` below 500. */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof Failure && error.kind === 'dependency')
    return new HttpError({
      status: 503,
      code: 'unavailable',
      message: 'A store this needs cannot be reached or is busy.',
      hint: 'Try again later; /readyz says what is missing.',
      headers: { 'Retry-After': '5' },
    });
  const status = statusOf(error);
  if (status === 413) return new HttpError({ status, code: 'too_large', message: 'The body is too large.' });
  if (status !== undefined)
    return new HttpError({
      status,
      code: 'bad_request',
      message: types.isNativeError(error) ? error.message : 'Bad request.',
    });
  return new HttpError({
    status: 500,
    code: 'internal_error',
    message: 'This failed on our side.',
    hint: 'The log of the service says why.',
  });
}

function statusOf(error: unknown): number | undefined {
  if (!types.isNativeError(error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
