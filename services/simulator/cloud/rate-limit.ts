// Oura's two layers of limits, per access token and per app, as a fixed window of the simulated time. Off unless asked for; a single
// 429 on demand is a fault (faults.ts).

import { rateLimitHeaders } from './faults.ts';
import { type Answer, bare } from './http.ts';

export interface RateLimit {
  /** A 429 when this request is one too many, else null. */
  check(token: string, presentMs: number): Answer | null;
}

const APP_SHARE = 10;

export function createRateLimit(limit: { requests: number; windowS: number } | null): RateLimit {
  let windowStartMs = 0;
  let counts = new Map<string, number>();
  return {
    check: (token, presentMs) => {
      if (limit === null) return null;
      if (presentMs >= windowStartMs + limit.windowS * 1000) {
        windowStartMs = presentMs;
        counts = new Map();
      }
      const ofToken = (counts.get(token) ?? 0) + 1;
      const ofApp = (counts.get('app') ?? 0) + 1;
      counts.set(token, ofToken);
      counts.set('app', ofApp);
      if (ofToken <= limit.requests && ofApp <= limit.requests * APP_SHARE) return null;
      const leftMs = windowStartMs + limit.windowS * 1000 - presentMs;
      return bare(429, {
        ...rateLimitHeaders(presentMs, limit.windowS, limit.requests),
        'Retry-After': String(Math.max(1, Math.ceil(leftMs / 1000))),
        'X-RateLimit-Reset': String(Math.ceil((presentMs + leftMs) / 1000)),
      });
    },
  };
}
