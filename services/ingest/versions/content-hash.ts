// The identity of what a document says: SHA-256 over its RFC 8785 form, so other whitespace, key order or number notation is the same
// content. Text that has no such form (a lone surrogate, a number beyond a double) is identified by its bytes.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** @param value what JSON.parse gives for `bytes` */
export function contentHash(bytes: Uint8Array, value: unknown): string {
  return sha256(canonicalForm(value) ?? bytes);
}

function canonicalForm(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}

export interface VersionIdentity {
  userId: string;
  resource: string;
  objectId: string;
  sequence: number;
  contentHash: string;
}

/** `ce_id` of a document version. */
export const versionId = ({ userId, resource, objectId, sequence, contentHash }: VersionIdentity): string =>
  sha256(JSON.stringify([userId, resource, objectId, sequence, contentHash]));
