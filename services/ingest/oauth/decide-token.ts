// Which token a request to Oura gets: the one we have, a new one, or none. A token is renewed when it is about to expire or Oura refused
// it. After a refresh whose outcome is unknown there is a pause, in which a token that still lasts goes on being used. Pure.

export interface GrantFacts {
  state: 'active' | 'needs_consent';
  hasRefreshToken: boolean;
  generation: number;
  issuedAtMs: number;
  expiresAtMs: number;
  /** No refresh before this instant. */
  refreshAfterMs: number;
}

export interface TokenQuestion {
  nowMs: number;
  /** The generation of the token that Oura has just refused with 401. */
  refusedGeneration?: number;
}

export type TokenDecision =
  | { kind: 'use' }
  | { kind: 'renew' }
  | { kind: 'pause'; retryAfterMs: number }
  | { kind: 'needs-consent' };

// Renewed a minute early, so that it does not expire on the way; a token that lasts only minutes, a tenth of its life early.
const marginMs = ({ issuedAtMs, expiresAtMs }: GrantFacts): number => Math.min(60_000, (expiresAtMs - issuedAtMs) / 10);

export function decideToken(grant: GrantFacts | undefined, { nowMs, refusedGeneration }: TokenQuestion): TokenDecision {
  if (!grant || grant.state === 'needs_consent') return { kind: 'needs-consent' };
  const isRefused = refusedGeneration === grant.generation;
  const isUsable = !isRefused && nowMs < grant.expiresAtMs;
  if (isUsable && (nowMs < grant.expiresAtMs - marginMs(grant) || !grant.hasRefreshToken)) return { kind: 'use' };
  if (!grant.hasRefreshToken) return { kind: 'needs-consent' };
  if (nowMs >= grant.refreshAfterMs) return { kind: 'renew' };
  return isUsable ? { kind: 'use' } : { kind: 'pause', retryAfterMs: grant.refreshAfterMs - nowMs };
}

const firstPauseMs = 15_000;
const longestPauseMs = 15 * 60_000;

/** How long to leave the token address alone after `failures` unknown outcomes in a row (counted before this one). */
export const pauseAfterMs = (failures: number): number => Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
