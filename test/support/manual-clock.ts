// A clock that only moves when a test moves it.
import type { Clock } from '../../services/runtime/clock.ts';
import { settle } from './settle.ts';

export interface ManualClock extends Clock {
  /** Moves time forward and lets everything that became due, and what follows from it, run. */
  advance(durationMs: number): Promise<void>;
  /** How many waits are open. */
  waiting(): number;
}

export function createManualClock(startMs = Date.parse('2026-11-23T08:00:00Z')): ManualClock {
  let nowMs = startMs;
  const waits = new Set<{ dueMs: number; resolve: () => void }>();
  return {
    now: () => nowMs,
    wait: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || durationMs <= 0) return resolve();
        const wait = {
          dueMs: nowMs + durationMs,
          resolve: () => {
            waits.delete(wait);
            signal?.removeEventListener('abort', wait.resolve);
            resolve();
          },
        };
        waits.add(wait);
        signal?.addEventListener('abort', wait.resolve, { once: true });
      }),
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      await settle();
      for (;;) {
        const next = [...waits].filter((w) => w.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (!next) break;
        nowMs = Math.max(nowMs, next.dueMs);
        next.resolve();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
    waiting: () => waits.size,
  };
}
