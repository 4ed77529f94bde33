// How long to wait before the next try of something that is down. Pure: doubles from half a second to a minute; the random half keeps
// replicas from coming back in step.

const firstMs = 500;
const longestMs = 60_000;

/** `attempt` counts from 1; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  const boundMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(boundMs / 2 + (boundMs / 2) * random);
}
