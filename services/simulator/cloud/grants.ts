// Who granted what: issues the tokens of a grant, reads bearer tokens, rotates refresh tokens and revokes. No HTTP here.

import { createHash } from 'node:crypto';
import type { TokenAnswer } from '../options.ts';
import type { Traps } from '../traps.ts';
import { bareScope } from './catalogue.ts';
import { type Claims, createTokenMint } from './tokens.ts';

const CODE_LIFETIME_MS = 10 * 60_000;

export interface GrantSettings {
  seed: number;
  clientSecret: string;
  traps: Traps;
  accessTokenLifetimeS: number;
  presentMs: () => number;
}

export interface Bearer {
  ouraUserId: string;
  /** Without prefix. */
  scopes: Set<string>;
  token: string;
}

export interface CodeRequest {
  ouraUserId: string;
  scopes: string[];
  redirectUri: string;
  challenge?: string;
}

export interface Exchange {
  code: string;
  redirectUri: string;
  verifier?: string;
}

export interface Grants {
  code(request: CodeRequest): string;
  grant(ouraUserId: string, scopes: string[]): TokenAnswer;
  /** Null: unknown, expired or used code, another redirect URI, or a verifier that does not fit. */
  exchange(exchange: Exchange): TokenAnswer | null;
  /** A code that was shown to the wrong address is spent all the same. */
  burn(code: string): void;
  refresh(token: string): TokenAnswer | null;
  bearer(token: string): Bearer | null;
  revoke(token: string): void;
  /** People with a living grant, and the scopes they gave. */
  connected(): Map<string, Set<string>>;
}

export function createGrants(settings: GrantSettings): Grants {
  const { traps, presentMs } = settings;
  const mint = createTokenMint(settings.seed, settings.clientSecret);
  const spent = new Set<string>();
  const revoked = new Set<string>();
  const living = new Map<string, { ouraUserId: string; scopes: Set<string> }>();
  let serial = 0;

  const named = (scopes: string[]): string[] =>
    scopes.map((scope) => (traps.prefixedScopes ? `extapi:${bareScope(scope)}` : bareScope(scope)));

  const remember = (claims: Claims): void => {
    living.set(claims.grantId, { ouraUserId: claims.ouraUserId, scopes: new Set(claims.scopes.map(bareScope)) });
  };

  const base = (
    claims: Pick<Claims, 'grantId' | 'ouraUserId' | 'scopes'>,
    kind: Claims['kind'],
    lifetimeMs: number,
  ): Claims => {
    serial += 1;
    const { grantId, ouraUserId, scopes } = claims;
    return { kind, grantId, ouraUserId, scopes, expiresMs: presentMs() + lifetimeMs, serial };
  };

  const pair = (claims: Pick<Claims, 'grantId' | 'ouraUserId' | 'scopes'>): TokenAnswer => {
    const access = base(claims, 'access', settings.accessTokenLifetimeS * 1000);
    remember(access);
    return {
      access_token: mint.issue(access),
      refresh_token: mint.issue(base(claims, 'refresh', 5 * 365 * 86_400_000)),
      token_type: 'bearer',
      expires_in: settings.accessTokenLifetimeS,
      scope: claims.scopes.join(' '),
    };
  };

  const newGrantId = (ouraUserId: string): string => {
    serial += 1;
    return createHash('sha256')
      .update(`${settings.seed}|${ouraUserId}|${presentMs()}|${serial}`)
      .digest('hex')
      .slice(0, 16);
  };

  const readAlive = (token: string, kind: Claims['kind']): Claims | null => {
    const claims = mint.read(token);
    if (claims === null || claims.kind !== kind || revoked.has(claims.grantId)) return null;
    return claims.expiresMs > presentMs() ? claims : null;
  };

  return {
    code: ({ ouraUserId, scopes, redirectUri, challenge }) =>
      mint.issue({
        ...base({ grantId: newGrantId(ouraUserId), ouraUserId, scopes: named(scopes) }, 'code', CODE_LIFETIME_MS),
        redirectUri,
        ...(challenge === undefined ? {} : { challenge }),
      }),
    grant: (ouraUserId, scopes) => pair({ grantId: newGrantId(ouraUserId), ouraUserId, scopes: named(scopes) }),
    exchange: ({ code, redirectUri, verifier }) => {
      const claims = readAlive(code, 'code');
      if (claims === null || spent.has(code)) return null;
      spent.add(code);
      const proof = verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url');
      return claims.redirectUri === redirectUri && claims.challenge === proof ? pair(claims) : null;
    },
    burn: (code) => {
      spent.add(code);
    },
    refresh: (token) => {
      const claims = readAlive(token, 'refresh');
      if (claims === null || spent.has(token)) return null;
      if (!traps.rotatingRefreshTokens) return { ...pair(claims), refresh_token: token };
      spent.add(token);
      return pair(claims);
    },
    bearer: (token) => {
      const claims = readAlive(token, 'access');
      if (claims === null) return null;
      remember(claims);
      return { ouraUserId: claims.ouraUserId, scopes: new Set(claims.scopes.map(bareScope)), token };
    },
    revoke: (token) => {
      const claims = mint.read(token);
      if (claims === null) return;
      revoked.add(claims.grantId);
      living.delete(claims.grantId);
    },
    connected: () => {
      const people = new Map<string, Set<string>>();
      for (const { ouraUserId, scopes } of living.values()) {
        people.set(ouraUserId, new Set([...(people.get(ouraUserId) ?? []), ...scopes]));
      }
      return people;
    },
  };
}
