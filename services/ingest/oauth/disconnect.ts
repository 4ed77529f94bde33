// Ends a grant: at Oura as far as it answers, here in any case. The person and everything stored of them stay. The two portals are asked
// differently: the old one takes the access token in the address, the new one follows RFC 7009.
import type { Database } from '../../runtime/database/database.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Secrets } from '../../runtime/secrets.ts';
import { deleteGrant, findGrantSummary, type Grant, type GrantTables, loadGrant } from '../../storage/grants.ts';
import type { HttpExchange, HttpRequest } from '../oura-client/http-exchange.ts';
import type { OuraApplication } from './oura-settings.ts';

export interface DisconnectParts {
  state: Database<GrantTables>;
  secrets: Secrets;
  http: HttpExchange;
  logger: Logger;
  application: OuraApplication;
  tokenUrls: readonly string[];
  /** One per token address. */
  revokeUrls: readonly string[];
}

export type Disconnection =
  | { kind: 'disconnected' /** Oura confirmed it. */; isRevoked: boolean }
  | { kind: 'not-connected' };

/** @throws Failure when our own database is down */
export async function disconnect(parts: DisconnectParts, userId: string): Promise<Disconnection> {
  const { state, secrets, logger } = parts;
  if (!(await findGrantSummary(state.read, userId))) return { kind: 'not-connected' };
  // A grant whose key is gone can still be forgotten here.
  const grant = await loadGrant(state.read, secrets, userId).catch((error: unknown) => {
    logger.warn({ err: error, userId }, 'the grant cannot be read, so it is not ended at Oura');
  });
  const request = grant && revocation(parts, grant);
  // In this order: whoever is killed in between still has the token, and ends it again.
  const answer = request && (await parts.http(request));
  await state.transaction((tx) => deleteGrant(tx, userId));
  const isRevoked = answer?.kind === 'answer' && answer.status >= 200 && answer.status < 300;
  logger.info({ userId, isRevoked }, 'a ring is disconnected');
  return { kind: 'disconnected', isRevoked };
}

function revocation(
  { tokenUrls, revokeUrls, application }: DisconnectParts,
  { tokenUrl, tokens }: Grant,
): HttpRequest | undefined {
  const address = revokeUrls[tokenUrls.indexOf(tokenUrl)];
  if (!address) return undefined;
  const url = new URL(address);
  if (url.pathname === '/oauth/revoke') {
    url.searchParams.set('access_token', tokens.accessToken);
    return { url, method: 'POST' };
  }
  return {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      // Ending the refresh token ends the access tokens made from it (RFC 7009 §2.1).
      ...(tokens.refreshToken === undefined
        ? { token: tokens.accessToken, token_type_hint: 'access_token' }
        : { token: tokens.refreshToken, token_type_hint: 'refresh_token' }),
      client_id: application.clientId,
      client_secret: application.clientSecret,
    }).toString(),
  };
}
