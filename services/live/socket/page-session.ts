// One open page. What it has not taken yet is bounded: a page that falls behind misses deltas and gets one snapshot when it has caught up; one
// that does not catch up in half a minute is disconnected and comes back by itself. It never makes another page wait.
import type { WebSocket } from 'ws';
import type { Today } from '../today/model.ts';
import type { PageMessage } from './page-message.ts';

export const maxBufferedBytes = 1024 * 1024;
export const behindForAtMostMs = 30_000;
const tryAgainLater = 1013;

export interface PageSession {
  /** Null while nobody is known whose page it could be. */
  user: string | null;
  /** What the page shows, as last sent. */
  shown: Today | null;
  /** False while the first message is being made: deltas wait for it. */
  isReady: boolean;
  /** True when a delta was left out: the next message must be a snapshot. */
  needsSnapshot(): boolean;
  /** True while it still has too much to take. */
  isFull(): boolean;
  send(message: PageMessage): void;
  /** Called regularly. Disconnects a page that is dead or stays behind. */
  check(nowMs: number): void;
  close(code: number, reason: string): void;
}

export interface PageSessionParts {
  socket: WebSocket;
  user: string | null;
  nowMs: () => number;
  onSlow(): void;
}

export function createPageSession({ socket, user, nowMs, onSlow }: PageSessionParts): PageSession {
  let behindSinceMs: number | null = null;
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const isFull = () => socket.bufferedAmount > maxBufferedBytes;
  return {
    user,
    shown: null,
    isReady: false,
    needsSnapshot: () => behindSinceMs !== null,
    isFull,
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (isFull() || (behindSinceMs !== null && message.type !== 'snapshot')) {
        if (behindSinceMs === null) onSlow();
        behindSinceMs ??= nowMs();
        return;
      }
      behindSinceMs = null;
      socket.send(JSON.stringify(message));
    },
    check(atMs) {
      if (!isAlive) return socket.terminate();
      if (behindSinceMs !== null && atMs - behindSinceMs > behindForAtMostMs) {
        // A close frame would wait behind everything the page has not taken.
        return socket.terminate();
      }
      isAlive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

export const overloaded = { code: tryAgainLater, reason: 'the server stops' } as const;
