// The shape of a request and an answer, and the server around them. Each part of the cloud is a function that answers its own
// paths and returns null for all others; the server asks them in turn.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';

const MOST_BODY_BYTES = 256 * 1024;

export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  html?: string;
}

export type Part = (request: ApiRequest) => Answer | null | Promise<Answer | null>;

/** Oura's answers 400, 401, 403, 404 and 429 have no body. */
export const bare = (status: number, headers: Record<string, string> = {}): Answer => ({ status, headers });

/** Oura's 422. */
export const unprocessable = (loc: (string | number)[], msg: string, type = 'value_error'): Answer => ({
  status: 422,
  json: { detail: [{ loc, msg, type }] },
});

/** The path segment after a prefix, decoded; null when there is none or more than one. */
export function segmentAfter(prefix: string, path: string): string | null {
  if (!path.startsWith(prefix)) return null;
  const rest = path.slice(prefix.length);
  if (rest === '' || rest.includes('/')) return null;
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

export const singleHeader = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

async function readBody(message: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MOST_BODY_BYTES) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `answer` may give null: then the connection is closed without a word. */
export function createHttpServer(answer: (request: ApiRequest) => Promise<Answer | null>): Server {
  return createServer((message, response) => {
    const respond = async (): Promise<void> => {
      const url = new URL(message.url ?? '/', 'http://simulator');
      const body = await readBody(message);
      const request = {
        method: message.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: message.headers,
      };
      const given = body === null ? bare(413) : await answer({ ...request, body });
      if (given === null) {
        message.socket.destroy();
        return;
      }
      const isHtml = given.html !== undefined;
      const text = given.html ?? (given.json === undefined ? '' : JSON.stringify(given.json));
      const type = isHtml ? 'text/html; charset=utf-8' : 'application/json';
      response.writeHead(given.status, { ...(text === '' ? {} : { 'content-type': type }), ...given.headers });
      response.end(text);
    };
    respond().catch((error: unknown) => {
      if (response.headersSent || message.socket.destroyed) return;
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The simulator failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
}

export const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken ? new Error(`port ${port} on ${host} is in use: choose another one, or 0 for any free port`) : error,
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error(`no TCP address for ${host}:${port}`));
      else resolve(address.port);
    });
  });
