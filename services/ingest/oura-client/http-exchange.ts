// One request to Oura and its whole answer: bounded in time and size, never following a redirect (which would carry the token elsewhere).
// What goes wrong is a value. Leaves out what an answer means, tokens and repeats.
import { setTimeout as after } from 'node:timers';

export type Fetch = typeof globalThis.fetch;

export interface HttpRequest {
  url: URL;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
}

export type HttpAnswer =
  | { kind: 'answer'; status: number; headers: Headers; bytes: Uint8Array }
  | { kind: 'too-large'; status: number; limitBytes: number }
  /** `detail` names the reason without the address, which may hold a secret. */
  | { kind: 'no-answer'; reason: 'timeout' | 'aborted' | 'network'; detail: string };

export interface HttpLimits {
  timeoutMs: number;
  limitBytes: number;
}

export const usualLimits: HttpLimits = { timeoutMs: 30_000, limitBytes: 64 * 1024 * 1024 };

/** Never rejects. */
export type HttpExchange = (request: HttpRequest) => Promise<HttpAnswer>;

export const createHttpExchange =
  (fetch: Fetch, { timeoutMs, limitBytes }: HttpLimits = usualLimits): HttpExchange =>
  async ({ url, method = 'GET', headers = {}, body, signal }) => {
    const limit = new AbortController();
    const timer = after(() => limit.abort(), timeoutMs);
    const abort = () => limit.abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (signal?.aborted) return { kind: 'no-answer', reason: 'aborted', detail: 'the request was given up' };
      const response = await fetch(url, {
        ...{ method, headers, redirect: 'manual', signal: limit.signal },
        ...(body !== undefined && { body }),
      });
      const bytes = await readBody(response, limitBytes);
      if (!bytes) {
        limit.abort();
        return { kind: 'too-large', status: response.status, limitBytes };
      }
      return { kind: 'answer', status: response.status, headers: response.headers, bytes };
    } catch (error) {
      if (signal?.aborted) return { kind: 'no-answer', reason: 'aborted', detail: 'the request was given up' };
      if (limit.signal.aborted)
        return { kind: 'no-answer', reason: 'timeout', detail: `no answer within ${timeoutMs / 1000} s` };
      return { kind: 'no-answer', reason: 'network', detail: networkDetail(error) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  };

/** Undefined when the body exceeds the limit. */
async function readBody(response: Response, limitBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** undici hides the reason in the cause; its code says enough. */
function networkDetail(error: unknown): string {
  const code = codeOf(fieldOf(error, 'cause')) ?? codeOf(error);
  return code ? `no connection: ${code}` : 'no connection';
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

function codeOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** The answer's JSON; undefined when it is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
