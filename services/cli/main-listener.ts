// The main listener: health for probes first, then everything a person or program with the credentials may ask, behind the checks on host,
// password, rate and origin. Which routers stand in it is the caller's business.
import type { RequestListener } from 'node:http';
import express, { type Router } from 'express';
import type { Registry } from 'prom-client';
import { credentialsCheck } from '../runtime/http/credentials.ts';
import { healthRouter } from '../runtime/http/health-router.ts';
import { hostCheck } from '../runtime/http/host-check.ts';
import type { HttpSettings } from '../runtime/http/http-settings.ts';
import { jsonErrors, notFound } from '../runtime/http/json-error.ts';
import { originCheck } from '../runtime/http/origin-check.ts';
import { rateLimit } from '../runtime/http/rate-limit.ts';
import { securityHeaders } from '../runtime/http/security-headers.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Service } from '../runtime/service.ts';

export interface MainListenerParts {
  settings: HttpSettings;
  services: readonly Service[];
  routers: readonly Router[];
  registry: Registry;
  logger: Logger;
}

// A page asks for itself once and then listens; a program that exports asks often.
const requestsPerMinute = 1200;

export function createMainHandler({
  settings,
  services,
  routers,
  registry,
  logger,
}: MainListenerParts): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.use(hostCheck(settings.HTTP_ALLOWED_HOSTS));
  app.use(healthRouter({ services, registry }));
  app.use(securityHeaders());
  app.use(rateLimit({ limit: requestsPerMinute, windowMs: 60_000 }));
  app.use(credentialsCheck(settings.HTTP_PASSWORD));
  app.use(originCheck);
  for (const router of routers) app.use(router);
  app.use(notFound);
  app.use(jsonErrors(logger));
  return (request, response) => void app(request, response);
}
