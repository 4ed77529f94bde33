// The requests that cost: exchanging a code and refreshing a pair. Each is sent once and never repeated on its own, because codes and
// refresh tokens work once. A code is offered to the portals one after the other, the likeliest first: a portal that does not know
// our application refuses it, and may burn the code, so after the first sign of life of a grant its portal is remembered.
import { z } from 'zod';
import type { Clock } from '../../runtime/clock.ts';
import type { NewPair } from '../../storage/grants.ts';
import { type HttpExchange, jsonOf } from '../oura-client/http-exchange.ts';
import { decideTokenAnswer } from './decide-token-answer.ts';
import type { OuraApplication } from './oura-settings.ts';
import { readScopes } from './scopes.ts';

export type TokenOutcome =
  | { kind: 'granted'; pair: NewPair }
  | { kind: 'grant-refused'; detail: string }
  | { kind: 'application-refused'; detail: string }
  | { kind: 'unknown'; detail: string };

export interface TokenEndpoint {
  /** Tries the addresses in order until one grants; says why none did otherwise. */
  exchangeCode(exchange: CodeExchange): Promise<TokenOutcome>;
  refresh(refresh: PairRefresh): Promise<TokenOutcome>;
}

export interface CodeExchange {
  tokenUrls: readonly string[];
  code: string;
  codeVerifier: string;
  redirectUri: string;
  /** What was asked for: holds when the answer names no scopes (RFC 6749 §5.1). */
  askedScopes: readonly string[];
}

export interface PairRefresh {
  tokenUrl: string;
  refreshToken: string;
  /** Hold on when the answer names none. */
  scopes: readonly string[];
}

const tokenBody = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish(),
  scope: z.string().nullish(),
});
const errorBody = z.looseObject({ error: z.string() });

/** When the answer does not say how long the access token lasts; too short only costs a refresh. */
const assumedLifetimeS = 3600;

export interface TokenEndpointParts {
  http: HttpExchange;
  application: OuraApplication;
  clock: Pick<Clock, 'now'>;
}

export function createTokenEndpoint({ http, application, clock }: TokenEndpointParts): TokenEndpoint {
  async function post(
    tokenUrl: string,
    form: Readonly<Record<string, string>>,
    otherwise: { scopes: readonly string[]; refreshToken?: string },
  ): Promise<TokenOutcome> {
    // Counted from before the request: the token never lasts longer than we think.
    const nowMs = clock.now();
    const answer = await http({
      url: new URL(tokenUrl),
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        ...form,
        client_id: application.clientId,
        client_secret: application.clientSecret,
      }).toString(),
    });
    if (answer.kind === 'no-answer') return { kind: 'unknown', detail: answer.detail };
    if (answer.kind === 'too-large') return { kind: 'unknown', detail: 'the answer was far too large' };
    const json = jsonOf(answer.bytes);
    const tokens = tokenBody.safeParse(json);
    const error = errorBody.safeParse(json).data?.error;
    const verdict = decideTokenAnswer({ status: answer.status, error, hasTokens: tokens.success });
    const detail = `${new URL(tokenUrl).host} answered ${answer.status}${error ? ` ${error.slice(0, 80)}` : ''}`;
    if (verdict !== 'granted' || !tokens.success) return { kind: verdict === 'granted' ? 'unknown' : verdict, detail };
    const { access_token: accessToken, refresh_token: given, expires_in: expiresInS, scope } = tokens.data;
    const refreshToken = given ?? otherwise.refreshToken;
    return {
      kind: 'granted',
      pair: {
        tokens: { accessToken, ...(refreshToken !== undefined && { refreshToken }) },
        scopes: scope ? readScopes(scope) : otherwise.scopes,
        tokenUrl,
        expiresAtMs: nowMs + (expiresInS ?? assumedLifetimeS) * 1000,
        nowMs,
      },
    };
  }

  return {
    async exchangeCode({ tokenUrls, code, codeVerifier, redirectUri, askedScopes }) {
      const form = { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri };
      const failures: Exclude<TokenOutcome, { kind: 'granted' }>[] = [];
      for (const tokenUrl of tokenUrls) {
        const outcome = await post(tokenUrl, form, { scopes: askedScopes });
        if (outcome.kind === 'granted') return outcome;
        failures.push(outcome);
      }
      // A portal that does not know our application is no news while another one failed otherwise.
      const kind = failures.find((failure) => failure.kind !== 'application-refused')?.kind ?? 'application-refused';
      return { kind, detail: failures.map((failure) => failure.detail).join('; ') };
    },
    refresh: ({ tokenUrl, refreshToken, scopes }) =>
      post(tokenUrl, { grant_type: 'refresh_token', refresh_token: refreshToken }, { scopes, refreshToken }),
  };
}
