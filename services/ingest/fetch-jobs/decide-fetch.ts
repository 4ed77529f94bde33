// What an answer of Oura means for the fetch job that asked, as one total table. Pure: chance (for jitter) is handed in.
// A 404 right after a notification is normal and asked again; what stays away is given up with a reason that can be listed. A 404 of what Oura said is
// deleted is the answer.
import { backoffMs } from '../decide-wait.ts';

/** The kinds of answer the client gives, as far as they decide. */
export type FetchAnswer =
  | { kind: 'ok' | 'not-found' | 'scope-missing' | 'needs-consent' | 'forbidden' | 'refused' }
  | { kind: 'rate-limited'; retryAfterMs: number }
  | { kind: 'unavailable'; retryAfterMs?: number }
  /** 200, but not a document. */
  | { kind: 'unreadable' };

export interface FetchHistory {
  /** Oura said that the object was deleted: in this notification, or in one that we learnt of after this one's event. */
  isDeleted: boolean;
  notFoundCount: number;
  failureCount: number;
}

export type FetchDecision =
  | { kind: 'record' }
  | { kind: 'record-deletion' }
  | { kind: 'retry'; reason: RetryReason; afterMs: number; counts: 'not-found' | 'failure' }
  /** Nothing of this person may be asked for a while; not counted as an attempt. */
  | { kind: 'pause-person'; reason: 'rate_limited'; afterMs: number }
  /** Nothing of this person can be asked until they connect again. */
  | { kind: 'park-person'; reason: 'needs_consent' }
  | { kind: 'give-up'; reason: GiveUpReason };

export type RetryReason = 'not_found_yet' | 'unavailable' | 'unreadable_answer';
export type GiveUpReason =
  | 'no_route'
  | 'too_large'
  | 'not_found_after_retries'
  | 'scope_missing'
  | 'forbidden'
  | 'refused'
  | 'unreadable_answer';

const minuteMs = 60_000;
// 1, 2, 4 … 60 minutes: about two hours in all, longer than any late document of Oura that was reported.
const notFoundRetries = 7;
const notFoundWaits = { firstMs: minuteMs, longestMs: 60 * minuteMs };
// An outage is waited out however long it lasts; after it, nothing waits longer than this.
const failureWaits = { firstMs: 15_000, longestMs: 10 * minuteMs };
const unreadableRetries = 10;

/** @param chance in [0, 1): spreads retries so that they do not arrive together */
export function decideFetch(answer: FetchAnswer, history: FetchHistory, chance: number): FetchDecision {
  const failureWaitMs = backoffMs(failureWaits, history.failureCount, chance);
  switch (answer.kind) {
    case 'ok':
      return { kind: 'record' };
    case 'not-found': {
      if (history.isDeleted) return { kind: 'record-deletion' };
      if (history.notFoundCount >= notFoundRetries) return { kind: 'give-up', reason: 'not_found_after_retries' };
      const afterMs = backoffMs(notFoundWaits, history.notFoundCount, chance);
      return { kind: 'retry', reason: 'not_found_yet', afterMs, counts: 'not-found' };
    }
    case 'scope-missing':
      return { kind: 'give-up', reason: 'scope_missing' };
    case 'needs-consent':
      return { kind: 'park-person', reason: 'needs_consent' };
    case 'forbidden':
      return { kind: 'give-up', reason: 'forbidden' };
    case 'refused':
      return { kind: 'give-up', reason: 'refused' };
    case 'rate-limited':
      return { kind: 'pause-person', reason: 'rate_limited', afterMs: answer.retryAfterMs };
    case 'unavailable': {
      const afterMs = Math.max(failureWaitMs, answer.retryAfterMs ?? 0);
      return { kind: 'retry', reason: 'unavailable', afterMs, counts: 'failure' };
    }
    case 'unreadable':
      if (history.failureCount >= unreadableRetries) return { kind: 'give-up', reason: 'unreadable_answer' };
      return { kind: 'retry', reason: 'unreadable_answer', afterMs: failureWaitMs, counts: 'failure' };
  }
}

/**
 * Whether a deletion can be believed without asking: only when it happened after the current version was requested. Else the document was seen
 * after its deletion, or the notification is old: one fetch tells.
 */
export const isPlainDeletion = (eventAtMs: number, currentBeganAtMs: number | undefined): boolean =>
  currentBeganAtMs === undefined || eventAtMs >= currentBeganAtMs;
