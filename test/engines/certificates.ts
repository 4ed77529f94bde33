// An authority of its own and the certificates that it signs, made with the openssl command: for tests that speak TLS to an engine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM: the private key (PKCS 8) and the certificate of a server. */
export interface ServerCertificate {
  key: string;
  certificate: string;
}

export interface Certificates {
  /** Of the authority: what clients trust. */
  caFile: string;
  /** Of an authority that signed nothing. */
  otherCaFile: string;
  /** For the server that is reached by this name or address. */
  serverAt(host: string): ServerCertificate;
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
  return {
    caFile: join(folder, 'authority.pem'),
    otherCaFile: join(folder, 'other.pem'),
    serverAt(host) {
      const name = `subjectAltName=${isIP(host) ? 'IP' : 'DNS'}:${host}`;
      make('server', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-addext', name);
      return { key: read('server.key'), certificate: read('server.pem') };
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
