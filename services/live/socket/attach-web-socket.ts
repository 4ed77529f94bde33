// The door of the WebSocket bridge at /ws: the same host names, origin and password as the rest of the page, a bound on open pages, then a
// session. Nothing a page sends is ever read.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../runtime/clock.ts';
import { isAuthorized } from '../../runtime/http/credentials.ts';
import { isAllowedHost } from '../../runtime/http/host-check.ts';
import { isOwnOrigin } from '../../runtime/http/origin-check.ts';
import type { LiveHub } from './live-hub.ts';
import { createPageSession } from './page-session.ts';
import { decodeCursor } from './position.ts';

export interface Admission {
  password: string | undefined;
  allowedHosts: readonly string[];
  maxPages: number;
}

export interface Refusal {
  status: 400 | 401 | 403 | 404 | 421 | 503;
  words: string;
  headers?: string;
}

/** Null: come in. */
export function refusalOf(
  { headers, url = '/', method }: Pick<IncomingMessage, 'headers' | 'url' | 'method'>,
  { password, allowedHosts, maxPages }: Admission,
  openPages: number,
): Refusal | null {
  if (!isAllowedHost(headers.host, allowedHosts)) return { status: 421, words: 'Misdirected Request' };
  if (new URL(url, 'http://here').pathname !== '/ws' || method !== 'GET') return { status: 404, words: 'Not Found' };
  if (!isOwnOrigin(headers)) return { status: 403, words: 'Forbidden' };
  if (password !== undefined && !isAuthorized(headers.authorization, password))
    return { status: 401, words: 'Unauthorized', headers: 'WWW-Authenticate: Basic realm="oura-streaming"\r\n' };
  if (openPages >= maxPages) return { status: 503, words: 'Service Unavailable', headers: 'Retry-After: 30\r\n' };
  return null;
}

export interface WebSocketParts {
  hub: LiveHub;
  clock: Clock;
  admission: Admission;
  /** The id of a person by id or name; null when nobody is. */
  findUser(idOrName: string): Promise<string | null>;
  onSlow(): void;
  onFailure(error: unknown): void;
}

const maxReceivedBytes = 1024;

export function attachWebSocket(server: Server, parts: WebSocketParts): void {
  const { hub, clock, admission, findUser, onSlow, onFailure } = parts;
  const door = new WebSocketServer({ noServer: true, maxPayload: maxReceivedBytes, perMessageDeflate: false });

  function refuse(socket: Duplex, { status, words, headers = '' }: Refusal) {
    socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\n${headers}Content-Length: 0\r\n\r\n`);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away in the middle of the handshake is no failure of ours.
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, admission, hub.pages());
    if (refusal) return refuse(socket, refusal);
    const { searchParams } = new URL(request.url ?? '/', 'http://here');
    const asked = searchParams.get('user');
    (async () => {
      const user = asked === null ? null : await findUser(asked);
      if (asked !== null && user === null) return refuse(socket, { status: 404, words: 'Not Found' });
      door.handleUpgrade(request, socket, head, (page) => {
        const session = createPageSession({ socket: page, user, nowMs: clock.now, onSlow });
        page.on('error', onFailure);
        page.on('close', () => hub.leave(session));
        hub.join(session, decodeCursor(searchParams.get('cursor'))).catch((error) => {
          onFailure(error);
          session.close(1011, 'could not be read');
        });
      });
    })().catch((error) => {
      onFailure(error);
      refuse(socket, { status: 503, words: 'Service Unavailable', headers: 'Retry-After: 5\r\n' });
    });
  });
}
