// The page's line to the server: connects, goes on from the last position after a break, waits longer after each failure, and notices a line
// that went silent. What arrives is handed on; what the state is, is always told.
import type { PageMessage } from '../socket/page-message.ts';

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'lost'; sinceMs: number; retryAtMs: number };

export interface ConnectionOptions {
  user: string | null;
  onMessage(message: PageMessage): void;
  onState(state: ConnectionState): void;
}

/** The server speaks at least every 15 s. */
const silentAfterMs = 40_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;

export interface Connection {
  retryNow(): void;
  close(): void;
}

export function connect({ user, onMessage, onState }: ConnectionOptions): Connection {
  let socket: WebSocket | undefined;
  let cursor: string | null = null;
  let failures = 0;
  let lostSinceMs: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const after = (ms: number, act: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };

  function open() {
    if (closed) return;
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    if (user) url.searchParams.set('user', user);
    if (cursor) url.searchParams.set('cursor', cursor);
    const opened = new WebSocket(url);
    socket = opened;
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return;
      const message: PageMessage = JSON.parse(String(data));
      cursor = message.cursor;
      if (failures > 0 || lostSinceMs !== null || message.type === 'snapshot') onState({ kind: 'live' });
      failures = 0;
      lostSinceMs = null;
      after(silentAfterMs, () => lose(opened));
      onMessage(message);
    };
    opened.onclose = () => lose(opened);
    after(silentAfterMs, () => lose(opened));
  }

  function lose(which: WebSocket) {
    if (closed || which !== socket) return;
    socket = undefined;
    which.onclose = null;
    which.close();
    lostSinceMs ??= Date.now();
    // Jitter, so that all pages of a restarted server do not come back in the same moment.
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    onState({ kind: 'lost', sinceMs: lostSinceMs, retryAtMs: Date.now() + waitMs });
    after(waitMs, open);
  }

  const retryNow = () => {
    if (socket || closed) return;
    failures = 0;
    clearTimeout(timer);
    open();
  };
  addEventListener('online', retryNow);
  onState({ kind: 'connecting' });
  open();
  return {
    retryNow,
    close() {
      closed = true;
      clearTimeout(timer);
      removeEventListener('online', retryNow);
      socket?.close();
    },
  };
}
