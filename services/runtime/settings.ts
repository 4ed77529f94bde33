// Settings by environment. A service describes its own as one zod object whose keys are the names of the variables; everything that is
// wrong is reported at once, and nothing falls back on a default because it could not be read. A blank variable counts as not set.
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a person has to mend before anything starts: one sentence per problem. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** @throws SettingsError that names every variable that is missing or wrong, without its value (it may be a secret) */
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (environment[name]?.trim() ? [[name, environment[name]]] : [])),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined
        ? `${name} is not set: ${describe(schema, name)}`
        : `${name}: ${issue.message}${limitOf(issue)}`;
    }),
  );
}

/** The limit that a number broke, which the message of its kind does not know. */
function limitOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small' && issue.origin === 'number') return `, ${issue.minimum} or more`;
  if (issue.code === 'too_big' && issue.origin === 'number') return `, ${issue.maximum} or less`;
  return '';
}

const describe = (schema: z.ZodObject, name: string): string => schema.shape[name]?.description ?? 'it is needed';

/** Ways to read the kinds of values that appear in settings, with messages for people. */
export const setting = {
  port: () => z.coerce.number('expected a port number').int('expected a port number').min(0).max(65535),
  wholeNumber: () => z.coerce.number('expected a whole number').int('expected a whole number'),
  switch: () => z.enum(['true', 'false'], 'expected true or false').transform((value) => value === 'true'),
  url: () => z.url({ protocol: /^https?$/, error: 'expected an address that begins with http:// or https://' }),
  list: () =>
    z.string().transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    ),
  text: () => z.string(),
};
