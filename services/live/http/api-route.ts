// One reading route of the API: what it takes and answers as zod, so the same lines check requests, answer with sentences and describe the
// route in the OpenAPI document. Commands are not here: they belong to the services that own the tables.
import type { RequestHandler, Router } from 'express';
import type { z } from 'zod';
import { HttpError } from '../../runtime/http/json-error.ts';

export interface ApiRoute {
  /** With `{name}` for parameters, as OpenAPI writes them. */
  path: string;
  summary: string;
  parameters: z.ZodObject;
  query: z.ZodObject;
  answer: z.ZodType;
  register(router: Router): void;
}

export interface RouteDefinition<
  Parameters extends z.ZodRawShape,
  Query extends z.ZodRawShape,
  Answer extends z.ZodType,
> {
  path: string;
  summary: string;
  parameters: z.ZodObject<Parameters>;
  query: z.ZodObject<Query>;
  answer: Answer;
  handle(parameters: z.output<z.ZodObject<Parameters>>, query: z.output<z.ZodObject<Query>>): Promise<z.input<Answer>>;
}

function parse<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, given: unknown): z.output<z.ZodObject<Shape>> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'query'}: ${issue.message}`);
  throw new HttpError({
    status: 400,
    code: 'bad_request',
    message: problems.join('; '),
    hint: 'GET /api/v1/openapi.json describes every route.',
  });
}

export function apiRoute<P extends z.ZodRawShape, Q extends z.ZodRawShape, A extends z.ZodType>(
  definition: RouteDefinition<P, Q, A>,
): ApiRoute {
  const { path, summary, parameters, query, answer, handle } = definition;
  const handler: RequestHandler = async (request, response) => {
    const body = await handle(parse(parameters, request.params), parse(query, request.query));
    response.set('Cache-Control', 'no-store').json(body);
  };
  const register = (router: Router) => {
    router.get(path.replace(/\{(\w+)\}/g, ':$1'), handler);
  };
  return { path, summary, parameters, query, answer, register };
}
