// One JSON line per event, on stderr (stdout belongs to what a command answers). A secret is never written at any level, and from info up
// no health value either: what stands under a name of these lists is replaced, however deep. Names decide, so log objects with plain
// names (`userId`, `type`, `count`), never a payload inside the message text.
import { types } from 'node:util';
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

export interface LoggerOptions {
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** The process or service that speaks. */
  name: string;
  destination?: DestinationStream;
}

const infoLevel = 30;
const maxDepth = 6;
const secretName =
  /secret|token|passw|authorization|cookie|credential|api_?-?key|private_?-?key|code_?verifier|signature/i;
const healthName = /^(payload|body|document|documents|record|records|point|points|series|values?|data|bytes|email)$/i;
const passwordInUrl = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi;
const secretInQuery = /([?&](?:access_token|refresh_token|client_secret|code|token|state)=)[^&\s"']+/gi;

export function createLogger({ level, name, destination = pino.destination(2) }: LoggerOptions): Logger {
  const logger = pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      hooks: {
        logMethod(args, method, levelNumber) {
          const redacted = args.map((arg) => redact(arg, levelNumber >= infoLevel));
          Reflect.apply(method, this, redacted);
        },
      },
    },
    destination,
  );
  // pino writes the bindings of a child past its hooks; children inherit this method, so it holds for theirs too.
  const { child } = logger;
  return Object.assign(logger, {
    child(this: Logger, bindings: object, options?: object) {
      return Reflect.apply(child, this, [redact(bindings, true), options]);
    },
  });
}

/** A copy of `value` in which secrets, and with `hideHealth` health values too, are replaced by a word. */
export function redact(value: unknown, hideHealth: boolean, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (types.isNativeError(value)) return depth === 0 ? { err: describeError(value) } : describeError(value);
  if (ArrayBuffer.isView(value)) return hideHealth ? '[hidden]' : value;
  if (value instanceof Date) return value;
  if (depth >= maxDepth) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => redact(item, hideHealth, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (secretName.test(name) && isContent(item)) return [name, '[secret]'];
      if (hideHealth && healthName.test(name) && isContent(item)) return [name, '[hidden]'];
      return [name, redact(item, hideHealth, depth + 1)];
    }),
  );
}

const redactText = (text: string): string =>
  text.replace(passwordInUrl, '$1[secret]@').replace(secretInQuery, '$1[secret]');

/** A flag like `passwordSet: true` gives nothing away. */
const isContent = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== 'boolean';

/** What of an error may be written: never its other fields, where clients put requests with their headers. */
function describeError(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  return {
    type: error.name,
    message: redactText(error.message),
    ...('kind' in error && { kind: error.kind }),
    ...('code' in error && { code: error.code }),
    ...(error.stack && { stack: redactText(error.stack) }),
    ...(types.isNativeError(error.cause) && { cause: describeError(error.cause) }),
  };
}
