// OAuth of both portals: authorize (a page, or consent without one), token, revoke and discovery. The legacy addresses and the
// new ones stand side by side; which of them refuse is a trap.

import type { AutoConsent, SimulatedUser, TokenAnswer } from '../options.ts';
import type { Traps } from '../traps.ts';
import { allScopes, bareScope } from './catalogue.ts';
import { consentPage } from './consent-page.ts';
import type { Grants } from './grants.ts';
import { type Answer, type ApiRequest, bare, type Part } from './http.ts';

export const oauthPaths = {
  authorize: ['/oauth/authorize', '/oauth/v2/ext/oauth-authorize'],
  legacyToken: '/oauth/token',
  newToken: '/oauth/v2/ext/oauth-token',
  legacyRevoke: '/oauth/revoke',
  newRevoke: '/oauth/v2/ext/oauth-revoke',
  discovery: '/oauth/v2/ext/oauth-anonymous/.well-known/openid-configuration',
} as const;

export interface OauthSettings {
  clientId: string;
  clientSecret: string;
  traps: Traps;
  users: SimulatedUser[];
  grants: Grants;
  autoConsent: AutoConsent | null;
  redirectUris: string[] | null;
  url: () => string;
}

const failed = (status: number, error: string, error_description: string): Answer => ({
  status,
  json: { error, error_description },
});

const redirect = (to: string, params: Record<string, string | null>): Answer => {
  const url = new URL(to);
  for (const [name, value] of Object.entries(params)) if (value !== null) url.searchParams.set(name, value);
  return { status: 302, headers: { location: url.href } };
};

/** The scopes Oura would grant when all were ticked. */
function grantable(asked: string[], traps: Traps): string[] {
  const known: readonly string[] = allScopes;
  const isDropped = (scope: string): boolean =>
    traps.bareScopesDropped && (scope === 'heart_health' || scope === 'stress');
  return asked.filter((scope) => known.includes(bareScope(scope)) && !isDropped(scope));
}

function authorize(settings: OauthSettings, request: ApiRequest): Answer {
  const isForm = request.method === 'POST';
  const params = isForm ? new URLSearchParams(request.body) : request.query;
  const redirectUri = params.get('redirect_uri') ?? '';
  const state = params.get('state');
  const page = (text: string): Answer => ({
    status: 400,
    html: `<!doctype html><title>Simulated Oura</title><p>${text}</p>`,
  });
  if (params.get('client_id') !== settings.clientId) return page('Unknown client_id.');
  const isAllowed = settings.redirectUris === null || settings.redirectUris.includes(redirectUri);
  if (!isAllowed || !URL.canParse(redirectUri)) return page('redirect_uri is not one of the registered addresses.');
  if (params.get('response_type') !== 'code')
    return redirect(redirectUri, { error: 'unsupported_response_type', state });
  const method = params.get('code_challenge_method');
  const challenge = params.get('code_challenge');
  if (challenge !== null && method !== 'S256') return redirect(redirectUri, { error: 'invalid_request', state });

  const asked = grantable(
    (params.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
    settings.traps,
  );
  const consent = isForm ? readForm(params) : settings.autoConsent;
  if (consent === null) {
    const action = request.path;
    const hidden = Object.fromEntries(params);
    return { status: 200, html: consentPage({ action, scopes: asked, hidden, users: settings.users }) };
  }
  const wanted = consent.user;
  const user = settings.users.find(
    ({ ouraUserId, email }) => wanted === undefined || wanted === ouraUserId || wanted === email,
  );
  if (user === undefined) return page(`No simulated person is called "${wanted?.replace(/[^\w@.-]/g, '') ?? ''}".`);
  if (isForm && params.get('decision') !== 'allow') {
    return redirect(redirectUri, {
      error: 'access_denied',
      error_description: 'The resource owner denied the request',
      state,
    });
  }
  const ticked = isForm ? params.getAll('granted') : asked;
  const refused = new Set((consent.refuse ?? []).map(bareScope));
  const scopes = asked.filter((scope) => ticked.includes(scope) && !refused.has(bareScope(scope)));
  const code = settings.grants.code({
    ouraUserId: user.ouraUserId,
    scopes,
    redirectUri,
    ...(challenge === null ? {} : { challenge }),
  });
  return redirect(redirectUri, { code, scope: scopes.join(' '), state });
}

const readForm = (params: URLSearchParams): AutoConsent => {
  const user = params.get('user');
  return user === null ? {} : { user };
};

const tokenAnswer = (tokens: TokenAnswer | null, what: string): Answer =>
  tokens === null
    ? failed(400, 'invalid_grant', `The ${what} is expired, used, revoked or belongs to another request`)
    : { status: 200, json: tokens, headers: { 'cache-control': 'no-store' } };

function token(settings: OauthSettings, request: ApiRequest): Answer {
  const { grants, traps } = settings;
  if (!String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
    return failed(400, 'invalid_request', 'The body must be application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(request.body);
  const isRefused = traps.newPortalApp && request.path === oauthPaths.legacyToken;
  const grantType = form.get('grant_type');
  if (grantType === 'authorization_code' && isRefused) {
    grants.burn(form.get('code') ?? '');
    return failed(401, 'invalid_client', 'The client is not known here');
  }
  if (isRefused) return failed(400, 'invalid_request', 'The request is not valid here');
  if (form.get('client_id') !== settings.clientId || form.get('client_secret') !== settings.clientSecret) {
    return failed(401, 'invalid_client', 'Client id or secret is incorrect');
  }
  if (grantType === 'refresh_token')
    return tokenAnswer(grants.refresh(form.get('refresh_token') ?? ''), 'refresh token');
  if (grantType !== 'authorization_code')
    return failed(400, 'unsupported_grant_type', 'Use authorization_code or refresh_token');
  const verifier = form.get('code_verifier');
  const tokens = grants.exchange({
    code: form.get('code') ?? '',
    redirectUri: form.get('redirect_uri') ?? '',
    ...(verifier === null ? {} : { verifier }),
  });
  return tokenAnswer(tokens, 'code');
}

export function createOauth(settings: OauthSettings): Part {
  return (request) => {
    const { path, method } = request;
    if (oauthPaths.authorize.some((known) => known === path)) {
      return method === 'GET' || method === 'POST' ? authorize(settings, request) : bare(405);
    }
    if (path === oauthPaths.legacyToken || path === oauthPaths.newToken) {
      return method === 'POST' ? token(settings, request) : bare(405);
    }
    if (path === oauthPaths.legacyRevoke) {
      settings.grants.revoke(request.query.get('access_token') ?? '');
      return bare(200);
    }
    if (path === oauthPaths.newRevoke && method === 'POST') {
      settings.grants.revoke(new URLSearchParams(request.body).get('token') ?? '');
      return bare(200);
    }
    if (path === oauthPaths.discovery) {
      const url = settings.url();
      return {
        status: 200,
        json: {
          issuer: url,
          authorization_endpoint: `${url}${oauthPaths.authorize[1]}`,
          token_endpoint: `${url}${oauthPaths.newToken}`,
          revocation_endpoint: `${url}${oauthPaths.newRevoke}`,
          scopes_supported: allScopes.map((scope) => `extapi:${scope}`),
          code_challenge_methods_supported: ['S256'],
        },
      };
    }
    return null;
  };
}
