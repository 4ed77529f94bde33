import { expect, test } from '@jest/globals';
import express from 'express';
import { Counter, Registry } from 'prom-client';
import type { HealthReport, Service } from '../service.ts';
import { healthRouter } from './health-router.ts';
import { startHttpServer } from './http-server.ts';

const service = (name: string, report: Partial<HealthReport>): Service => ({
  name,
  start: async () => {},
  stop: async () => {},
  health: () => ({ alive: true, ready: true, problems: [], ...report }),
});

async function ask(services: Service[], path: string) {
  const registry = new Registry();
  new Counter({ name: 'oura_received_total', help: 'Received.', registers: [registry] }).inc(3);
  const handler = express().use(healthRouter({ services, registry }));
  const running = await startHttpServer({ name: 'test', handler, host: '127.0.0.1', port: 0 });
  const response = await fetch(`${running.url}${path}`);
  const text = await response.text();
  await running.stop();
  return { status: response.status, text };
}

test.each([
  [{}, 200, 200],
  [{ ready: false, problems: ['Postgres is down'] }, 200, 503],
  [{ alive: false, ready: false }, 503, 503],
])('a service that reports %p gives /healthz %p and /readyz %p', async (report, healthz, readyz) => {
  const services = [service('archive', {}), service('ingest', report)];
  const alive = await ask(services, '/healthz');
  const ready = await ask(services, '/readyz');
  expect([alive.status, ready.status]).toEqual([healthz, readyz]);
  expect(JSON.parse(ready.text).services[1]).toMatchObject({ name: 'ingest', ...report });
});

test('/metrics speaks the text format of Prometheus', async () => {
  expect(await ask([], '/metrics')).toEqual({ status: 200, text: expect.stringContaining('oura_received_total 3') });
});
