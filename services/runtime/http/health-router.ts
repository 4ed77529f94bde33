// What probes and Prometheus ask: `/healthz` is liveness (503 once a service stopped for good, then a restart helps), `/readyz` is readiness
// (503 while something it needs is missing), `/metrics` the numbers. None names a person, so they may stand before the credentials.
import { type Response, Router } from 'express';
import type { Registry } from 'prom-client';
import type { HealthReport, Service } from '../service.ts';

export interface HealthParts {
  services: readonly Service[];
  registry: Registry;
}

export function healthRouter({ services, registry }: HealthParts): Router {
  const answer = (response: Response, question: 'alive' | 'ready') => {
    const reports = services.map((service) => ({ name: service.name, ...service.health() }));
    const ok = reports.every((report: HealthReport) => report[question]);
    response
      .status(ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ [question]: ok, services: reports });
  };
  const router = Router();
  router.get('/healthz', (_request, response) => answer(response, 'alive'));
  router.get('/readyz', (_request, response) => answer(response, 'ready'));
  router.get('/metrics', async (_request, response) => {
    response
      .set('Content-Type', registry.contentType)
      .set('Cache-Control', 'no-store')
      .send(await registry.metrics());
  });
  return router;
}
