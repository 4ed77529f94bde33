// A real SMTP server in this process, with user and password, that keeps the mails it took, parsed. It can be told to refuse the next commands as mail
// servers do, or to take a message and hang up before saying so.
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface PlannedRefusal {
  at: 'auth' | 'recipient' | 'message';
  code: number;
  text: string;
  /** Keep the mail all the same: the answer was lost. */
  keeps?: boolean;
}

export interface TestSmtpServer {
  /** With user and password. */
  url: string;
  mails: ParsedMail[];
  plan(...refusals: PlannedRefusal[]): void;
  close(): Promise<void>;
}

export async function openSmtpServer(): Promise<TestSmtpServer> {
  const mails: ParsedMail[] = [];
  const planned: PlannedRefusal[] = [];
  const refusalAt = (at: PlannedRefusal['at']): PlannedRefusal | undefined =>
    planned[0]?.at === at ? planned.shift() : undefined;
  const asError = ({ code, text }: PlannedRefusal) => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, callback) {
      const refusal = refusalAt('auth');
      if (refusal) return callback(asError(refusal));
      if (username !== 'ring' || password !== 'p@ss') return callback(new Error('Invalid username or password'));
      callback(null, { user: username });
    },
    onRcptTo(_address, _session, callback) {
      const refusal = refusalAt('recipient');
      callback(refusal ? asError(refusal) : null);
    },
    onData(stream, _session, callback) {
      const refusal = refusalAt('message');
      simpleParser(stream).then((mail) => {
        if (!refusal || refusal.keeps) mails.push(mail);
        callback(refusal ? asError(refusal) : null);
      }, callback);
    },
  });
  server.on('error', () => {
    // A client that hangs up is part of the tests.
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://ring:p%40ss@127.0.0.1:${port}`,
    mails,
    plan: (...refusals) => void planned.push(...refusals),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
