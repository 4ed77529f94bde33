// What an answer of Oura means for the poll that asked, as one total table. Pure: chance (for spreading) is handed in.
import { backoffMs } from '../decide-wait.ts';

/** The kinds of answer that end a poll before its last page. */
export type PollAnswer =
  | { kind: 'not-found' | 'scope-missing' | 'needs-consent' | 'forbidden' | 'refused' }
  | { kind: 'rate-limited'; retryAfterMs: number }
  | { kind: 'unavailable'; retryAfterMs?: number }
  /** 200, but no page of documents. */
  | { kind: 'unreadable' };

export type PollDecision =
  /** This resource rests; connecting again, or polling by hand, wakes it earlier. */
  | { kind: 'rest'; outcome: 'scope_missing' | 'forbidden' | 'refused' | 'not_found'; afterMs: number }
  | { kind: 'retry'; outcome: 'unavailable' | 'unreadable_answer'; afterMs: number }
  | { kind: 'pause-person'; outcome: 'rate_limited'; afterMs: number }
  | { kind: 'park-person'; outcome: 'needs_consent' };

const restMs = 24 * 3_600_000;
const waits = { firstMs: 60_000, longestMs: 30 * 60_000 };

export function decidePoll(answer: PollAnswer, failureCount: number, chance: number): PollDecision {
  const afterMs = backoffMs(waits, failureCount, chance);
  switch (answer.kind) {
    case 'scope-missing':
      return { kind: 'rest', outcome: 'scope_missing', afterMs: restMs };
    case 'forbidden':
      return { kind: 'rest', outcome: 'forbidden', afterMs: restMs };
    case 'refused':
      return { kind: 'rest', outcome: 'refused', afterMs: restMs };
    case 'not-found':
      return { kind: 'rest', outcome: 'not_found', afterMs: restMs };
    case 'needs-consent':
      return { kind: 'park-person', outcome: 'needs_consent' };
    case 'rate-limited':
      return { kind: 'pause-person', outcome: 'rate_limited', afterMs: answer.retryAfterMs };
    case 'unavailable':
      return { kind: 'retry', outcome: 'unavailable', afterMs: Math.max(afterMs, answer.retryAfterMs ?? 0) };
    case 'unreadable':
      return { kind: 'retry', outcome: 'unreadable_answer', afterMs };
  }
}
