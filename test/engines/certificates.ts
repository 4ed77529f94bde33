// An authority of its own and a certificate that it signed for 127.0.0.1, made with the openssl command: for tests that speak TLS to an engine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  /** Of the authority: what clients trust. */
  caFile: string;
  /** Of an authority that signed nothing. */
  otherCaFile: string;
  /** Of the server, PEM: the private key (PKCS 8) and the certificate. */
  key: string;
  certificate: string;
  close(): Promise<void>;
}

const ellipticKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'oura-streaming-tls-'));
  const make = (name: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      ['req', '-x509', '-days', '2', ...ellipticKey, '-subj', `/CN=${name}`]
        .concat(['-keyout', `${name}.key`, '-out', `${name}.pem`])
        .concat(more),
      { cwd: folder, stdio: 'pipe' },
    );
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  make('authority');
  make('other');
  make('server', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-addext', 'subjectAltName=IP:127.0.0.1');
  return {
    caFile: join(folder, 'authority.pem'),
    otherCaFile: join(folder, 'other.pem'),
    key: read('server.key'),
    certificate: read('server.pem'),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
