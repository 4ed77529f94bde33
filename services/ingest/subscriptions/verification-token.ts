// The secret with which Oura proves, when a subscription is made, that it is the one we asked: derived from our client secret and the
// address, so it needs no storage, is the same in every replica, and is another one for another address.
import { createHmac, timingSafeEqual } from 'node:crypto';

export const verificationToken = (clientSecret: string, callbackUrl: string): string =>
  createHmac('sha256', clientSecret).update(`oura-streaming webhook verification\n${callbackUrl}`).digest('hex');

export function isVerificationToken(clientSecret: string, callbackUrl: string, token: string): boolean {
  const expected = Buffer.from(verificationToken(clientSecret, callbackUrl));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
