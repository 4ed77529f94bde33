// The OuraClient over HTTP: token, budget, request, verdict; one refresh and one repeat for a token that Oura refused. Everything else that
// waits or repeats is the caller's business. Nothing of a token, an address with a query or a body is logged.
import { type Resource, resources } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AccessTokens, TokenAnswer } from '../oauth/access-tokens.ts';
import { isGranted } from '../oauth/scopes.ts';
import { decideAnswer } from './decide-answer.ts';
import type { HttpAnswer, HttpExchange } from './http-exchange.ts';
import type { OuraAnswer, OuraClient, OuraRequest } from './oura-client.ts';
import type { RequestBudget } from './request-budget.ts';

export interface HttpOuraClientParts {
  /** Base address of the API. */
  apiUrl: string;
  http: HttpExchange;
  tokens: AccessTokens;
  budget: RequestBudget;
  clock: Pick<Clock, 'now'>;
  /** Counts answers by kind, and requests that took place. */
  observe?(answer: OuraAnswer['kind'], route: string): void;
}

type Token = Extract<TokenAnswer, { kind: 'token' }>;

// A token this young is not what a 401 is about; without this, each poll of a scope that was not granted would spend a refresh token.
const youngTokenMs = 5 * 60_000;

const detailLength = 300;
const byRoute = new Map(resources.map((resource) => [resource.route, resource]));

export function createHttpOuraClient(parts: HttpOuraClientParts): OuraClient {
  const { http, tokens, budget, clock } = parts;

  async function get(request: OuraRequest): Promise<OuraAnswer> {
    let refusedGeneration: number | undefined;
    for (;;) {
      const token = await tokens.get(request.userId, refusedGeneration);
      if (token.kind !== 'token') return token;
      const share = await budget.take(request.userId);
      if (share.kind === 'exhausted') return { kind: 'rate-limited', retryAfterMs: share.retryAfterMs };
      const beganAtMs = clock.now();
      const answer = await http({
        url: addressOf(parts.apiUrl, request),
        headers: { authorization: `Bearer ${token.accessToken}`, accept: 'application/json' },
        ...(request.signal && { signal: request.signal }),
      });
      if (answer.kind !== 'answer') return failed(answer);
      const verdict = decideAnswer({
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        isNewTokenUseless:
          refusedGeneration !== undefined || isClosed(request, token) || beganAtMs - token.issuedAtMs < youngTokenMs,
        nowMs: clock.now(),
      });
      switch (verdict.kind) {
        case 'renew-token':
          refusedGeneration = token.generation;
          continue;
        case 'ok':
          return { kind: 'ok', bytes: answer.bytes, beganAtMs };
        case 'refused':
          return { kind: 'refused', status: answer.status, detail: excerpt(answer.bytes) };
        case 'rate-limited':
          await budget.block(verdict.layer, request.userId, verdict.retryAfterMs);
          return { kind: 'rate-limited', retryAfterMs: verdict.retryAfterMs };
        case 'unavailable':
          return { ...verdict, detail: `Oura answered ${answer.status}` };
        default:
          return verdict;
      }
    }
  }

  return {
    async get(request) {
      const answer = await get(request);
      parts.observe?.(answer.kind, routeOf(request));
      return answer;
    },
  };
}

/** The base address may itself have a path (a proxy). */
function addressOf(apiUrl: string, { path, query = {} }: OuraRequest): URL {
  const url = new URL(`${apiUrl.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** The segment after `usercollection`; `other` for anything else, so that it can be a label. */
function routeOf({ path }: OuraRequest): string {
  const route = /\/usercollection\/([^/]+)/.exec(path)?.[1] ?? '';
  return byRoute.has(route) ? route : 'other';
}

function isClosed(request: OuraRequest, token: Token): boolean {
  const resource: Resource | undefined = byRoute.get(routeOf(request));
  return resource !== undefined && !isGranted(resource, token.scopes);
}

function failed(answer: Exclude<HttpAnswer, { kind: 'answer' }>): OuraAnswer {
  if (answer.kind === 'no-answer') return { kind: 'unavailable', detail: answer.detail };
  return {
    kind: 'refused',
    status: answer.status,
    detail: `the answer is larger than ${answer.limitBytes / 1024 / 1024} MiB: ask for less at once`,
  };
}

/** Oura's own words on what was wrong with the request. */
const excerpt = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, detailLength)).trim();
