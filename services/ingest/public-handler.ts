// What Oura and the people who connect reach from outside: the webhook, the OAuth callback, connect links, and nothing else. The webhook stands
// before everything, as a plain handler. Every other address is 404.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Router } from 'express';
import { jsonErrors, notFound } from '../runtime/http/json-error.ts';
import { rateLimit } from '../runtime/http/rate-limit.ts';
import type { Logger } from '../runtime/logger.ts';
import { type RequestHandler, webhookPath } from './webhook/webhook-listener.ts';

export interface PublicHandlerParts {
  webhook: RequestHandler;
  connect: Router;
  logger: Logger;
}

// A person who connects makes three requests.
const pageLimit = { limit: 60, windowMs: 60_000 };

export function createPublicHandler({ webhook, connect, logger }: PublicHandlerParts): RequestHandler {
  const pages = express();
  pages.disable('x-powered-by');
  pages.disable('etag');
  pages.use(rateLimit(pageLimit));
  pages.use(connect);
  pages.use(notFound);
  pages.use(jsonErrors(logger));
  return (request: IncomingMessage, response: ServerResponse) =>
    isWebhook(request.url ?? '') ? webhook(request, response) : void pages(request, response);
}

const isWebhook = (url: string): boolean =>
  url.startsWith(webhookPath) && (url.length === webhookPath.length || url[webhookPath.length] === '?');
