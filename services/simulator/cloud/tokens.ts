// Tokens that carry their own claims under a signature, so that a simulator started again with the same seed and secret knows the
// tokens it gave before. Only what must not be repeated is remembered: used codes and refresh tokens, revoked grants.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const claimsSchema = z.object({
  kind: z.enum(['code', 'access', 'refresh']),
  grantId: z.string(),
  ouraUserId: z.string(),
  scopes: z.array(z.string()),
  /** Milliseconds; tokens of the same grant differ by it and by `serial`. */
  expiresMs: z.number(),
  serial: z.number(),
  redirectUri: z.string().optional(),
  challenge: z.string().optional(),
});

export type Claims = z.infer<typeof claimsSchema>;

export interface TokenMint {
  issue(claims: Claims): string;
  /** Null for anything this mint did not issue. Says nothing about expiry. */
  read(token: string): Claims | null;
}

export function createTokenMint(seed: number, clientSecret: string): TokenMint {
  const sign = (payload: string): Buffer =>
    createHmac('sha256', `${seed}|${clientSecret}`).update(`token|${payload}`).digest();
  return {
    issue: (claims) => {
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },
    read: (token) => {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    },
  };
}
