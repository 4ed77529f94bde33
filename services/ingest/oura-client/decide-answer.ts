// What an answer of Oura's API means, as one total table over the status. A 401 has two meanings, a dead token and a scope that was not
// granted: the first goes away with a new token, the second does not. Pure.

export interface AnswerFacts {
  status: number;
  /** Headers in lower case. */
  headers: Readonly<Record<string, string>>;
  /** A new token cannot help: this one is new, or the scope is known to be missing. */
  isNewTokenUseless: boolean;
  nowMs: number;
}

export type AnswerVerdict =
  | { kind: 'ok' }
  | { kind: 'not-found' }
  | { kind: 'renew-token' }
  | { kind: 'scope-missing' }
  | { kind: 'forbidden' }
  | { kind: 'refused' }
  | { kind: 'rate-limited'; retryAfterMs: number; layer: 'token' | 'application' }
  | { kind: 'unavailable'; retryAfterMs?: number };

const defaultPauseMs = 60_000;
const longestPauseMs = 24 * 3_600_000;

export function decideAnswer({ status, headers, isNewTokenUseless, nowMs }: AnswerFacts): AnswerVerdict {
  switch (status) {
    case 200:
      return { kind: 'ok' };
    case 401:
      return isNewTokenUseless ? { kind: 'scope-missing' } : { kind: 'renew-token' };
    case 403:
      return { kind: 'forbidden' };
    case 404:
      return { kind: 'not-found' };
    case 429:
      return {
        kind: 'rate-limited',
        retryAfterMs: rateLimitPauseMs(headers, nowMs) ?? defaultPauseMs,
        layer: /app/i.test(headers['x-ratelimit-tier'] ?? '') ? 'application' : 'token',
      };
    case 408:
    case 425:
      return { kind: 'unavailable' };
    default: {
      if (status < 500) return { kind: 'refused' };
      const retryAfterMs = retryAfterPauseMs(headers, nowMs);
      return { kind: 'unavailable', ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
  }
}

const bounded = (pauseMs: number): number => Math.min(Math.max(Math.ceil(pauseMs), 1_000), longestPauseMs);

/** `Retry-After` in its two forms, seconds or a date. */
export function retryAfterPauseMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const untilMs = Date.parse(text);
  return Number.isNaN(untilMs) ? undefined : bounded(untilMs - nowMs);
}

/** How long to wait after a 429: `Retry-After`, else the instant of the reset, else the length of the window. */
function rateLimitPauseMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const pauseMs = retryAfterPauseMs(headers, nowMs);
  if (pauseMs !== undefined) return pauseMs;
  const resetS = numberOf(headers['x-ratelimit-reset']);
  if (resetS !== undefined) return bounded(resetS * 1000 - nowMs);
  const windowS = numberOf(headers['x-ratelimit-window']);
  return windowS === undefined ? undefined : bounded(windowS * 1000);
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
