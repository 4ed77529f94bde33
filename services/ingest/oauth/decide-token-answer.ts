// What an answer of a token address means for a grant. A refusal of the grant ends it; a refusal of our application (wrong client id or
// secret, wrong portal) does not; anything else says nothing about the grant, whose refresh token may or may not have been used. Pure.

export interface TokenAnswerFacts {
  status: number;
  /** The `error` of RFC 6749, where the body has one. */
  error: string | undefined;
  /** The body holds an access token. */
  hasTokens: boolean;
}

export type TokenVerdict = 'granted' | 'grant-refused' | 'application-refused' | 'unknown';

const applicationErrors = ['invalid_client', 'unauthorized_client'];

export function decideTokenAnswer({ status, error, hasTokens }: TokenAnswerFacts): TokenVerdict {
  if (status === 200 && hasTokens) return 'granted';
  if (error !== undefined && applicationErrors.includes(error)) return 'application-refused';
  if (error === 'invalid_grant' || status === 400) return 'grant-refused';
  return status === 401 || status === 403 ? 'application-refused' : 'unknown';
}
