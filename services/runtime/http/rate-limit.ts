// Bounds what one caller may ask: 429 with Retry-After above the limit. Callers are told apart by address (IPv6 by its /56). Counts live
// in memory for two windows at most. The webhook stands before it: Oura is never answered 429.
import type { RequestHandler } from 'express';
import { rateLimit as expressRateLimit } from 'express-rate-limit';
import { HttpError } from './json-error.ts';

export interface RateLimitOptions {
  /** Requests per window and caller. */
  limit: number;
  windowMs: number;
}

export const rateLimit = ({ limit, windowMs }: RateLimitOptions): RequestHandler =>
  expressRateLimit({
    limit,
    windowMs,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // X-Forwarded-For counts only when express trusts a proxy; otherwise it is a stranger's word, and all behind the proxy share one limit.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) =>
      next(
        new HttpError({
          status: 429,
          code: 'too_many_requests',
          message: `More than ${limit} requests in ${Math.round(windowMs / 1000)} s.`,
          hint: 'Wait as long as Retry-After says.',
        }),
      ),
  });
