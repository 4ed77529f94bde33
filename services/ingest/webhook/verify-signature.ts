// Whether Oura signed a notification: upper-case hex of HMAC-SHA256 over the timestamp header followed by the body, keyed with the client secret
// (Oura's documentation signs the re-serialised JSON, others saw the raw bytes: raw first, then compact). Pure: the time is handed in.
// What must stay true: nobody without a secret gets `valid`, and how long a comparison takes says nothing about the signature.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  bytes: Uint8Array;
  signature: string | undefined;
  timestamp: string | undefined;
}

export interface SignatureRules {
  /** Any one may have signed: the client secret, and others while they are rotated. */
  secrets: readonly string[];
  /** How far the timestamp may be from now, either way; 0: any age. */
  windowMs: number;
  nowMs: number;
}

export type SignatureVerdict =
  /** `signed` is what the signature covers: the body as received, or its compact form. */
  { kind: 'valid'; signed: Uint8Array } | { kind: 'unsigned' } | { kind: 'forged' } | { kind: 'stale' };

const hexDigest = /^[0-9a-f]{64}$/i;

export function verifySignature(
  request: SignedRequest,
  { secrets, windowMs, nowMs }: SignatureRules,
): SignatureVerdict {
  const { bytes, signature, timestamp } = request;
  if (!signature || !timestamp) return { kind: 'unsigned' };
  if (!hexDigest.test(signature)) return { kind: 'forged' };
  const given = Buffer.from(signature, 'hex');
  const isSigned = (body: Uint8Array) =>
    secrets.some((secret) =>
      timingSafeEqual(createHmac('sha256', secret).update(timestamp).update(body).digest(), given),
    );
  const signed = isSigned(bytes) ? bytes : compactForm(bytes);
  if (!signed || (signed !== bytes && !isSigned(signed))) return { kind: 'forged' };
  return isFresh(timestamp, windowMs, nowMs) ? { kind: 'valid', signed } : { kind: 'stale' };
}

/** The body as JSON.stringify writes it; undefined when it is not JSON. */
function compactForm(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return Buffer.from(
      JSON.stringify(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())),
    );
  } catch {
    return undefined;
  }
}

function isFresh(timestamp: string, windowMs: number, nowMs: number): boolean {
  if (windowMs === 0) return true;
  const signedAtMs = instantOf(timestamp);
  return signedAtMs !== undefined && Math.abs(nowMs - signedAtMs) <= windowMs;
}

/** Unix seconds or milliseconds: as seconds, 100,000,000,000 would be the year 5138. */
function instantOf(timestamp: string): number | undefined {
  if (!/^\d{1,15}(\.\d+)?$/.test(timestamp)) return undefined;
  const value = Number(timestamp);
  return value < 100_000_000_000 ? value * 1000 : value;
}
