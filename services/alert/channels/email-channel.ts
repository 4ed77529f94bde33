// Mail through an SMTP server, one connection per mail: alerts are rare, and an idle connection is one more thing that breaks unseen. The outbox sends each
// recipient their own mail, so one address that is refused or put off changes nothing for the others.
import { createTransport } from 'nodemailer';
import type { TryResult } from '../decisions/decide-delivery.ts';
import { mailMessage } from '../messages/mail-message.ts';
import { type Channel, tryTimeoutMs } from './channel.ts';
import { asSmtpError, smtpOutcome } from './smtp-outcome.ts';

export interface EmailOptions {
  /** smtp:// or smtps:// with user and password. */
  url: string;
  from: string;
  to: readonly string[];
}

const someRefused: TryResult = {
  kind: 'failed',
  reason: 'some_refused',
  advice: 'The mail server took the mail, but not for every recipient: check ALERT_EMAIL_TO.',
};

export function createEmailChannel({ url, from, to }: EmailOptions): Channel {
  const transport = createTransport({
    url,
    connectionTimeout: tryTimeoutMs,
    greetingTimeout: tryTimeoutMs,
    socketTimeout: tryTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name: 'email',
    async send(notice, { recipients }) {
      try {
        const { rejected } = await transport.sendMail(mailMessage(notice, { from, to: recipients ?? to }));
        return rejected.length === 0 ? { kind: 'delivered' } : someRefused;
      } catch (error) {
        return smtpOutcome(asSmtpError(error));
      }
    },
    close: () => transport.close(),
  };
}
