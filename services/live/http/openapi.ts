// The OpenAPI 3.1 document of the reading routes, made from the same zod schemas that check them: it cannot drift.
import { z } from 'zod';
import type { ApiRoute } from './api-route.ts';

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});

const json = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'output',
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return { 'application/json': { schema: rest } };
};

function parametersOf(schema: z.ZodObject, place: 'path' | 'query') {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { $schema: _, description, ...rest } = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' });
    const isRequired = place === 'path' || !z.safeParse(field, undefined).success;
    return { name, in: place, required: isRequired, ...(description && { description }), schema: rest };
  });
}

export function openApiDocument(routes: readonly ApiRoute[], version: string) {
  const paths = routes.map(({ path, summary, parameters, query, answer }) => [
    path,
    {
      get: {
        summary,
        parameters: [...parametersOf(parameters, 'path'), ...parametersOf(query, 'query')],
        responses: {
          200: { description: summary, content: json(answer) },
          default: { description: 'What was wrong, and what to do', content: json(errorSchema) },
        },
      },
    },
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'oura-streaming',
      version,
      description:
        'What an Oura ring measured, in standard units (UCUM), with the wearer’s own days and offsets. Not a medical device.',
    },
    paths: Object.fromEntries(paths),
  };
}
