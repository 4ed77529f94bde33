// How a command ended, for scripts. A problem the person can mend is told in a sentence; only a bug shows its stack.
import { prettifyError, ZodError } from 'zod';
import { Failure } from '../runtime/failure.ts';
import { SettingsError } from '../runtime/settings.ts';

export const exitCode = {
  done: 0,
  /** It did not work: the store is down, the server refused. */
  failed: 1,
  /** The command or the settings are wrong: mend and call again. */
  usage: 2,
  /** It worked in part: what did not is listed. */
  partial: 3,
} as const;

/** A command's own refusal: a sentence for the person, and the exit code. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly code: number;
  constructor(message: string, code: number = exitCode.failed) {
    super(message);
    this.code = code;
  }
}

/** What to print for an error that ended a command, and with which code to leave. */
export function explain(error: unknown): { message: string; code: number } {
  if (error instanceof CommandError) return { message: error.message, code: error.code };
  if (error instanceof SettingsError) return { message: error.message, code: exitCode.usage };
  if (error instanceof Failure) return { message: withCauses(error), code: exitCode.failed };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return { message: error.message, code: exitCode.failed };
  const stack = error instanceof Error ? error.stack : String(error);
  return { message: `This is a bug of oura-streaming:\n${stack}`, code: exitCode.failed };
}

function withCauses(error: Error): string {
  if (error instanceof ZodError) return prettifyError(error).replaceAll('\n', '\n    ');
  const cause = error.cause instanceof Error ? `\n  because: ${withCauses(error.cause)}` : '';
  return `${error.message}${cause}`;
}
