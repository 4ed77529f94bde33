// Encryption at rest of credentials: AES-256-GCM, a fresh nonce per value, bound by `place` to where the value stands, so that a value
// copied to another row does not decrypt. Keys are a list: the first encrypts, every one decrypts, which is how a key is rotated.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Failure } from './failure.ts';

export interface Secrets {
  /** @param place what the value is and whose, for example `grant/<user>/refresh_token` */
  encrypt(plain: string, place: string): string;
  /** @throws Failure `configuration` when the value was encrypted with a key that is not here, or was changed or moved */
  decrypt(encrypted: string, place: string): string;
  /** True when the value should be encrypted again, because its key is not the first one any more. */
  isOutdated(encrypted: string): boolean;
}

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
export const secretsKeyBytes = 32;

/** Names a key without giving it away. */
const keyId = (key: Buffer): string => createHash('sha256').update('key id').update(key).digest('hex').slice(0, 8);

/** @param keys 32 bytes each, the one to encrypt with first */
export function createSecrets(keys: readonly Buffer[]): Secrets {
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const [current] = keys;
  if (!current) throw new Failure('configuration', 'no key to encrypt secrets with: set SECRETS_KEY');
  const currentId = keyId(current);
  return {
    encrypt(plain, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', current, nonce, { authTagLength: tagBytes }).setAAD(
        Buffer.from(place),
      );
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${currentId}.${sealed.toString('base64url')}`;
    },
    decrypt(encrypted, place) {
      const [format, id, text] = encrypted.split('.');
      if (format !== version || id === undefined || text === undefined)
        throw new Failure('configuration', `the secret at ${place} is not in a form this version knows`);
      const key = byId.get(id);
      if (!key)
        throw new Failure(
          'configuration',
          `the secret at ${place} was encrypted with key ${id}, but the key here is ${[...byId.keys()].join(', ')}: give SECRETS_KEY (or secrets.key) the old key as well, after the new one and a comma, or connect the ring again`,
        );
      const sealed = Buffer.from(text, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(place))
          .setAuthTag(sealed.subarray(-tagBytes));
        return decipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Failure(
          'configuration',
          `the secret at ${place} was changed or belongs elsewhere: connect the ring again`,
          { cause },
        );
      }
    },
    isOutdated: (encrypted) => encrypted.split('.')[1] !== currentId,
  };
}
