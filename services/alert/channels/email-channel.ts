// Mail through an SMTP server, one connection per mail: alerts are rare, and an idle connection is one more thing that breaks unseen. A mail is
// delivered when the server took it for at least one recipient.
import { createTransport } from 'nodemailer';
import { mailMessage } from '../messages/mail-message.ts';
import { type Channel, tryTimeoutMs } from './channel.ts';
import { asSmtpError, smtpOutcome } from './smtp-outcome.ts';

export interface EmailOptions {
  /** smtp:// or smtps:// with user and password. */
  url: string;
  from: string;
  to: readonly string[];
}

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
        await transport.sendMail(mailMessage(notice, { from, to: recipients ?? to }));
        return { kind: 'delivered' };
      } catch (error) {
        return smtpOutcome(asSmtpError(error));
      }
    },
    close: () => transport.close(),
  };
}
