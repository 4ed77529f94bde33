// The address of Oura's consent page for one attempt, and the secrets of the attempt: `state` returns with the answer and says which
// attempt it is, the PKCE verifier never leaves this server before the code is exchanged, so a stolen code is worth nothing.
import { createHash, randomBytes } from 'node:crypto';

export interface ConsentRequest {
  authorizeUrl: string;
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  codeVerifier: string;
}

/** 256 bits, as text for an address; also a valid PKCE verifier (43 characters). */
export const newSecret = (): string => randomBytes(32).toString('base64url');

export function consentUrl(request: ConsentRequest): string {
  const url = new URL(request.authorizeUrl);
  const parameters = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state: request.state,
    code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
