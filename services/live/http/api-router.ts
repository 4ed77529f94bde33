// The reading routes of the API under /api/v1/people: the page's own document, nights, trends, metrics. A person is named by id or by name. Who
// is known, and how their connection does, is ingest's to tell.
import { Router } from 'express';
import { z } from 'zod';
import { day, instant } from '../../../schemas/wire.ts';
import type { Clock } from '../../runtime/clock.ts';
import { HttpError } from '../../runtime/http/json-error.ts';
import type { MetricStore } from '../../storage/metric-store/metric-store.ts';
import type { Person } from '../../storage/people.ts';
import { night, reading, type Today, today, trends } from '../today/model.ts';
import { readNight, readTrends } from '../today/read-today.ts';
import { toReading } from '../today/readings.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import { openApiDocument } from './openapi.ts';

export interface ApiParts {
  metricStore: MetricStore;
  clock: Clock;
  version: string;
  findPerson(idOrName: string): Promise<Person | undefined>;
  readToday(user: string): Promise<Today | null>;
}

const maxPoints = 10_000;
const dayMs = 86_400_000;
const person = z.object({ user: z.string().min(1).describe('id or name of a person') });
const nothing = z.object({});

const moment = z.union([instant, day]).describe('an instant with offset, or a date (UTC midnight)');
const durations = { m: 60_000, h: 3_600_000, d: dayMs } as const;
const resolution = z
  .string()
  .regex(/^[1-9]\d{0,3}[mhd]$/, 'expected a number and m, h or d, such as 5m, 1h or 1d')
  .describe('size of a bucket: 5m, 1h, 1d; left out: single points');

const metricsAnswer = z.object({
  metric: z.string(),
  points: z.array(reading).optional(),
  buckets: z
    .array(z.object({ start: instant, count: z.number().int(), mean: z.number(), min: z.number(), max: z.number() }))
    .optional(),
  truncated: z.boolean().describe(`true: there are more than ${maxPoints} points; ask for less`),
});

const toMs = (text: string): number => Date.parse(text);
const toResolutionMs = (text: string): number =>
  Number.parseInt(text, 10) * durations[text.at(-1) as keyof typeof durations];

export function apiRoutes({ metricStore, clock, findPerson, readToday }: ApiParts): ApiRoute[] {
  async function known(idOrName: string): Promise<string> {
    const found = await findPerson(idOrName);
    if (found) return found.userId;
    throw new HttpError({
      status: 404,
      code: 'no_such_person',
      message: 'Nobody here has this id or name.',
      hint: 'GET /api/v1/people lists everybody.',
    });
  }
  const pageQuery = (user: string) => ({ store: metricStore, user, nowMs: clock.now() });

  return [
    apiRoute({
      path: '/api/v1/people/{user}/today',
      summary: 'Last night and today, as the page shows them',
      parameters: person,
      query: nothing,
      answer: today,
      async handle({ user }) {
        const found = await readToday(await known(user));
        if (found) return found;
        throw new HttpError({ status: 404, code: 'no_such_person', message: 'This person is gone.' });
      },
    }),
    apiRoute({
      path: '/api/v1/people/{user}/night',
      summary: 'One night, with its neighbours',
      parameters: person,
      query: z.object({ day: day.describe('Oura’s day: the day of waking up') }),
      answer: night,
      handle: async ({ user }, query) => readNight(pageQuery(await known(user)), query.day),
    }),
    apiRoute({
      path: '/api/v1/people/{user}/trends',
      summary: 'Readiness, sleep and activity day by day',
      parameters: person,
      query: z.object({ days: z.coerce.number().int().min(7).max(366).default(30) }),
      answer: trends,
      handle: async ({ user }, { days }) => readTrends(pageQuery(await known(user)), days),
    }),
    apiRoute({
      path: '/api/v1/people/{user}/metrics',
      summary: 'One metric over a range of time: its points, or their means in buckets',
      parameters: person,
      query: z.object({
        metric: z.string().regex(/^[a-z][a-z0-9_]*$/, 'expected the name of a metric, such as heart_rate'),
        resource: z.string().optional().describe('of one resource only, such as sleep'),
        from: moment.optional().describe('inclusive; a day before `to` when left out'),
        to: moment.optional().describe('exclusive; now when left out'),
        resolution: resolution.optional(),
      }),
      answer: metricsAnswer,
      async handle({ user: name }, query) {
        const user = await known(name);
        const { metric, resource } = query;
        const toMsValue = query.to === undefined ? clock.now() : toMs(query.to);
        const fromMs = query.from === undefined ? toMsValue - dayMs : toMs(query.from);
        const range = { user, fromMs, toMs: toMsValue };
        if (query.resolution === undefined) return { metric, ...(await points({ ...range, metric, resource })) };
        const found = await metricStore.buckets({
          ...range,
          metric,
          resolutionMs: toResolutionMs(query.resolution),
          ...(resource !== undefined && { resource }),
        });
        const buckets = found.map(({ startMs, ...rest }) => ({ start: new Date(startMs).toISOString(), ...rest }));
        return { metric, buckets, truncated: false };
      },
    }),
  ];

  async function points(query: {
    user: string;
    metric: string;
    resource: string | undefined;
    fromMs: number;
    toMs: number;
  }) {
    const { metric, resource, ...range } = query;
    const found: z.infer<typeof reading>[] = [];
    const asked = { ...range, metrics: [metric], ...(resource !== undefined && { resources: [resource] }) };
    for await (const point of metricStore.query(asked)) {
      if (found.length === maxPoints) return { points: found, truncated: true };
      found.push(toReading(point));
    }
    return { points: found, truncated: false };
  }
}

export function apiRouter(parts: ApiParts, otherRoutes: readonly ApiRoute[] = []): Router {
  const router = Router();
  const routes = [...apiRoutes(parts), ...otherRoutes];
  for (const route of routes) route.register(router);
  const document = openApiDocument(routes, parts.version);
  router.get('/api/v1/openapi.json', (_request, response) => {
    response.json(document);
  });
  return router;
}
