// A password in the form in which PostgreSQL keeps it (SCRAM-SHA-256, RFC 5803), so that no statement, and no log of the server, holds it.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { SettingsError } from '../runtime/settings.ts';

const iterations = 4096;

/** @param password printable ASCII: other characters would need to be normalised first (SASLprep) */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x21-\x7e]+$/.test(password))
    throw new SettingsError(['DATABASE_ROLE_PASSWORD: expected letters, digits and punctuation without spaces']);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest();
  const [saltText, storedText, serverText] = [salt, storedKey, keyOf('Server Key')].map((part) =>
    part.toString('base64'),
  );
  return `SCRAM-SHA-256$${iterations}:${saltText}$${storedText}:${serverText}`;
}
