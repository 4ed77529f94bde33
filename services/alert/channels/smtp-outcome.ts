// What an error of a mail server means, as a table over its reply code and nodemailer's word. 4yz replies and broken connections pass, 5yz replies do not
// (RFC 5321 §4.2.1), and each of those says what to do. Pure.
import type { TryResult } from '../decisions/decide-delivery.ts';

export interface SmtpError {
  code: string | undefined;
  responseCode: number | undefined;
}

/** Errors of the connection or of a busy server. A certificate that does not fit may be mended without us. */
const passing: readonly string[] = ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'ESTREAM', 'EABORT'];

const advice: Readonly<Record<string, string>> = {
  EAUTH: 'The mail server refuses user or password: correct them in SMTP_URL (special characters percent-encoded).',
  ENOAUTH: 'The mail server wants a user and a password: write them into SMTP_URL as smtp://user:password@host:587.',
  EENVELOPE:
    'The mail server refuses an address: correct ALERT_EMAIL_FROM, ALERT_EMAIL_TO or the recipients of the rule.',
  EMESSAGE: 'The mail server refuses the message: see its log; ALERT_EMAIL_FROM may not be allowed to send there.',
};
const otherAdvice = 'The mail server refuses for good: see its log, and check SMTP_URL and ALERT_EMAIL_FROM.';

export function smtpOutcome({ code, responseCode }: SmtpError): TryResult {
  const reason = responseCode === undefined ? (code ?? 'unknown').toLowerCase() : `smtp_${responseCode}`;
  // 503 says that the session was in the wrong state, not that the message is refused.
  const isPermanent = responseCode !== undefined && responseCode >= 500 && responseCode !== 503;
  if (isPermanent) return { kind: 'failed', reason, advice: advice[code ?? ''] ?? otherAdvice };
  if (responseCode !== undefined || passing.includes(code ?? '')) return { kind: 'retry', reason };
  const known = advice[code ?? ''];
  if (known !== undefined) return { kind: 'failed', reason, advice: known };
  return { kind: 'retry', reason };
}

export function asSmtpError(error: unknown): SmtpError {
  const field = (name: 'code' | 'responseCode'): unknown =>
    typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;
  const code = field('code');
  const responseCode = field('responseCode');
  return {
    code: typeof code === 'string' ? code : undefined,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
  };
}
