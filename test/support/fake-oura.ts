// Oura as a table of answers: what a path answers, and what was asked. For tests of what asks; nothing of HTTP is in it.
import type { OuraAnswer, OuraClient, OuraRequest } from '../../services/ingest/oura-client/oura-client.ts';

type Responder = OuraAnswer | ((request: OuraRequest) => OuraAnswer | Promise<OuraAnswer>);

export interface FakeOura extends OuraClient {
  requests: OuraRequest[];
  /** What a path answers from now on. A path that ends in `/` stands for all below it; the longest that fits decides. */
  answer(path: string, responder: Responder): void;
}

export const okJson = (value: unknown, beganAtMs: number): OuraAnswer => ({
  kind: 'ok',
  bytes: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
  beganAtMs,
});

export function createFakeOura(fallback: Responder = { kind: 'not-found' }): FakeOura {
  const responders = new Map<string, Responder>();
  const requests: OuraRequest[] = [];
  return {
    requests,
    answer: (path, responder) => void responders.set(path, responder),
    async get(request) {
      requests.push(request);
      const [best] = [...responders]
        .filter(([path]) => request.path === path || (path.endsWith('/') && request.path.startsWith(path)))
        .sort(([a], [b]) => b.length - a.length);
      const responder = best?.[1] ?? fallback;
      return typeof responder === 'function' ? responder(request) : responder;
    },
  };
}
