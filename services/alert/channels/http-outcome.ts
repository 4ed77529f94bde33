// What the answer of a webhook means, as a table: sent, come back later, or never with this address. An answer that says "too many" or "I am broken" is worth
// another try; one that says "who are you" or "gone" is not, and comes with what to do. Pure.
import { retryAfterMs, type TryResult } from '../decisions/decide-delivery.ts';

export interface HttpAnswer {
  status: number;
  retryAfter: string | null;
  body: string;
}

/** Statuses worth another try; any other below 500 is final. */
const passing: readonly number[] = [408, 425, 429];

export interface HttpAdvice {
  /** How the channel is called in advice, and its variable. */
  title: string;
  variable: string;
  /** What its own words for errors mean, looked for in the body. */
  words?: Readonly<Record<string, string>>;
}

export function httpOutcome(answer: HttpAnswer, nowMs: number, about: HttpAdvice): TryResult {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status >= 500 || passing.includes(status)) {
    const waitMs = retryAfterMs(answer.retryAfter, nowMs) ?? waitInBody(answer);
    return { kind: 'retry', reason: `http_${status}`, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
  }
  const known = Object.entries(about.words ?? {}).find(([word]) => body.includes(word));
  if (known) return { kind: 'failed', reason: known[0], advice: known[1] };
  return { kind: 'failed', reason: `http_${status}`, advice: adviceFor(status, about) };
}

/** Discord also tells the wait, in seconds, in its answer to 429. */
function waitInBody({ status, body }: HttpAnswer): number | undefined {
  if (status !== 429) return undefined;
  const seconds = /"retry_after"\s*:\s*([\d.]+)/.exec(body)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

function adviceFor(status: number, { title, variable }: HttpAdvice): string {
  if (status === 401 || status === 403)
    return `${title} refuses us (${status}): make a new webhook and set ${variable} to its address.`;
  if (status === 404 || status === 410)
    return `${title} does not know this webhook (${status}): it was removed. Make a new one and set ${variable}.`;
  if (status >= 300 && status < 400) return `${variable} leads to a redirect (${status}): set it to the final address.`;
  return `${title} does not take the message (${status}): see that ${variable} is the address of an incoming webhook.`;
}

const reasonsOfErrors: Readonly<Record<string, string>> = {
  TimeoutError: 'timeout',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
};

/** No answer at all: always worth another try. The word for it may stand in the error or in one of its causes. */
export function networkOutcome(error: unknown): TryResult {
  let cause: unknown = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const word = reasonsOfErrors[textIn(cause, 'name')] ?? reasonsOfErrors[textIn(cause, 'code')];
    if (word !== undefined) return { kind: 'retry', reason: word };
    cause = typeof cause === 'object' && cause !== null && 'cause' in cause ? cause.cause : undefined;
  }
  return { kind: 'retry', reason: 'no_answer' };
}

function textIn(error: unknown, field: 'name' | 'code'): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : '';
}
