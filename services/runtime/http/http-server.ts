// One HTTP listener with an orderly end: a port in use or a foreign address becomes a sentence, and stop() takes no new connection, lets
// the requests at hand finish, and cuts what is still open after the drain time. Knows nothing of routes: the handler may be an express app.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Failure } from '../failure.ts';

export interface HttpServerOptions {
  /** What it is for, for the error sentence: "the page". */
  name: string;
  handler: RequestListener;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** The variables that set host and port, for the error sentence. */
  variables?: { host: string; port: string };
  /** How long stop() waits for requests at hand. */
  drainTimeoutMs?: number;
}

export interface RunningHttpServer {
  /** For `upgrade` (WebSocket). */
  readonly server: Server;
  readonly port: number;
  /** `http://host:port`, as a person on this machine opens it. */
  readonly url: string;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

// Longer than the 60 s after which common proxies drop an idle connection, so that the proxy closes first and never meets a closed one.
const keepAliveTimeoutMs = 65_000;
const requestTimeoutMs = 30_000;

/** @throws Failure `configuration` when it cannot listen there */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const { handler, host, port, drainTimeoutMs = 10_000 } = options;
  let draining = false;
  const sockets = new Set<Socket>();
  const server = createServer(
    { keepAliveTimeout: keepAliveTimeoutMs, requestTimeout: requestTimeoutMs },
    (request, response) => {
      if (draining) response.setHeader('Connection', 'close');
      response.once('close', () => {
        if (draining) setImmediate(() => server.closeIdleConnections());
      });
      handler(request, response);
    },
  );
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, options);
  const address = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  return {
    server,
    port: address.port,
    url: `http://${urlHost(host)}:${address.port || port}`,
    stop() {
      stopped ??= new Promise((resolve) => {
        draining = true;
        const cut = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, drainTimeoutMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
        // Node counts a connection as idle only after its first request.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      });
      return stopped;
    },
  };
}

function listen(server: Server, options: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) =>
      reject(new Failure('configuration', listenProblem(error, options), { cause: error }));
    server.once('error', refuse);
    server.listen(options.port, options.host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

export function listenProblem(
  error: { code?: string | undefined; message: string },
  { name, host, port, variables = { host: 'HTTP_HOST', port: 'HTTP_PORT' } }: Omit<HttpServerOptions, 'handler'>,
): string {
  const where = `${name} cannot listen on ${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where}: another program uses this port. Stop that program, or set ${variables.port} to a free port (for example ${variables.port}=${port + 10}).`;
    case 'EACCES':
      return `${where}: this user may not open the port. Set ${variables.port} to 1024 or above.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where}: this machine has no such address. Set ${variables.host} to one of its own, 127.0.0.1 (only this machine) or 0.0.0.0 (every network).`;
    default:
      return `${where}: ${error.message}`;
  }
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
