// What becomes of a delivery: sent, tried again and when, too late, or failed for good. A channel that says when to come back is obeyed; else the wait
// doubles, with jitter, so that a household of services does not come back all at once.

/** How a try at a channel ended. `advice` says what a person has to do. */
export type TryResult =
  | { kind: 'delivered' }
  | { kind: 'retry'; reason: string; retryAfterMs?: number }
  | { kind: 'failed'; reason: string; advice: string };

export type DeliveryVerdict =
  | { kind: 'delivered' }
  | { kind: 'waiting'; reason: string; retryAtMs: number }
  | { kind: 'failed'; reason: string; advice: string };

const firstWaitMs = 5_000;
const longestWaitMs = 15 * 60_000;

/** `random` in [0, 1): between half and all of the doubled wait. */
export function backoffMs(attempts: number, random: number): number {
  const fullMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(fullMs * (0.5 + random / 2));
}

/** After the try with number `attempts`. */
export function afterTry(
  result: TryResult,
  { attempts, nowMs, random }: { attempts: number; nowMs: number; random: number },
): DeliveryVerdict {
  if (result.kind !== 'retry') return result;
  const waitMs = Math.max(backoffMs(attempts, random), result.retryAfterMs ?? 0);
  return { kind: 'waiting', reason: result.reason, retryAtMs: nowMs + waitMs };
}

/** `Retry-After` as seconds (whole or with a fraction) or as a date; undefined when it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
