// What ingest may ask of Oura's API for one person. Tokens, their refresh and the rate budgets are behind it; every answer is one of a
// closed set, so a caller decides without knowing HTTP. Bytes are handed on as Oura sent them.

export type OuraAnswer =
  | { kind: 'ok'; bytes: Uint8Array /** When the request began, milliseconds since the epoch. */; beganAtMs: number }
  /** 404: the document does not exist (any more, or not yet). */
  | { kind: 'not-found' }
  /** A 401 that survived one refresh: the scope was not granted. */
  | { kind: 'scope-missing' }
  /** No usable grant: never connected, revoked, or the refresh token was refused. The person has to connect again. */
  | { kind: 'needs-consent' }
  /** 403: the membership lapsed or Oura forbids it. */
  | { kind: 'forbidden' }
  /** 400, 422, 426: asking again in the same way cannot help. */
  | { kind: 'refused'; status: number; detail: string }
  /** 429, or our own budget is used up. */
  | { kind: 'rate-limited'; retryAfterMs: number }
  /** 5xx, timeout, no connection. */
  | { kind: 'unavailable'; detail: string; retryAfterMs?: number };

export interface OuraRequest {
  userId: string;
  /** Below the API's base address, e.g. `/v2/usercollection/sleep`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

export interface OuraClient {
  /** One GET. Never rejects for what Oura or the network does; rejects with a Failure when our own database is down. */
  get(request: OuraRequest): Promise<OuraAnswer>;
}
