import { expect, test } from '@jest/globals';
import { decideFetch, type FetchAnswer, type FetchDecision, isPlainDeletion } from './decide-fetch.ts';
import { decideNotification, eventTimeMs } from './decide-notification.ts';

const fresh = { isDeleted: false, notFoundCount: 0, failureCount: 0 };
const minute = 60_000;

test.each<[FetchAnswer, Partial<typeof fresh>, FetchDecision]>([
  [{ kind: 'ok' }, {}, { kind: 'record' }],
  [{ kind: 'ok' }, { isDeleted: true }, { kind: 'record' }],
  [{ kind: 'not-found' }, {}, { kind: 'retry', reason: 'not_found_yet', afterMs: minute, counts: 'not-found' }],
  [
    { kind: 'not-found' },
    { notFoundCount: 3 },
    { kind: 'retry', reason: 'not_found_yet', afterMs: 8 * minute, counts: 'not-found' },
  ],
  [
    { kind: 'not-found' },
    { notFoundCount: 6 },
    { kind: 'retry', reason: 'not_found_yet', afterMs: 60 * minute, counts: 'not-found' },
  ],
  [{ kind: 'not-found' }, { notFoundCount: 7 }, { kind: 'give-up', reason: 'not_found_after_retries' }],
  [{ kind: 'not-found' }, { isDeleted: true }, { kind: 'record-deletion' }],
  [{ kind: 'scope-missing' }, {}, { kind: 'give-up', reason: 'scope_missing' }],
  [{ kind: 'forbidden' }, {}, { kind: 'give-up', reason: 'forbidden' }],
  [{ kind: 'refused' }, {}, { kind: 'give-up', reason: 'refused' }],
  [{ kind: 'needs-consent' }, {}, { kind: 'park-person', reason: 'needs_consent' }],
  [
    { kind: 'rate-limited', retryAfterMs: 7 },
    { failureCount: 50 },
    { kind: 'pause-person', reason: 'rate_limited', afterMs: 7 },
  ],
  [{ kind: 'unavailable' }, {}, { kind: 'retry', reason: 'unavailable', afterMs: 15_000, counts: 'failure' }],
  [
    { kind: 'unavailable' },
    { failureCount: 1000 },
    { kind: 'retry', reason: 'unavailable', afterMs: 10 * minute, counts: 'failure' },
  ],
  [
    { kind: 'unavailable', retryAfterMs: minute },
    {},
    { kind: 'retry', reason: 'unavailable', afterMs: minute, counts: 'failure' },
  ],
  [{ kind: 'unreadable' }, {}, { kind: 'retry', reason: 'unreadable_answer', afterMs: 15_000, counts: 'failure' }],
  [{ kind: 'unreadable' }, { failureCount: 10 }, { kind: 'give-up', reason: 'unreadable_answer' }],
])('%j after %j', (answer, history, decision) => {
  expect(decideFetch(answer, { ...fresh, ...history }, 0.5)).toEqual(decision);
});

test('chance spreads a wait by a tenth to either side', () => {
  const waits = [0, 0.999].map((chance) => {
    const decision = decideFetch({ kind: 'not-found' }, fresh, chance);
    return decision.kind === 'retry' ? decision.afterMs : 0;
  });
  expect(waits).toEqual([54_000, 65_988]);
});

test('a deletion is believed unless the document was seen after it', () => {
  expect(isPlainDeletion(100, undefined)).toBe(true);
  expect(isPlainDeletion(100, 100)).toBe(true);
  expect(isPlainDeletion(100, 101)).toBe(false);
});

test.each([
  [{ data_type: 'vo2_max', object_id: 'a' }, true, { state: 'open', reason: null }],
  [{ data_type: 'sleep', object_id: 'a' }, false, { state: 'parked', reason: 'waiting_for_connection' }],
  [{ data_type: 'meal', object_id: 'a' }, false, { state: 'given_up', reason: 'no_route' }],
  [{ data_type: 'heartrate', object_id: 'a' }, true, { state: 'given_up', reason: 'no_route' }],
  [{ data_type: 'sleep' }, true, { state: 'given_up', reason: 'no_object_id' }],
])('the notification %j, person known: %s', (body, isPersonKnown, decision) => {
  expect(decideNotification(body, isPersonKnown)).toEqual(decision);
});

test('the time of an event is what Oura says, or the arrival', () => {
  expect(eventTimeMs('2026-11-23T08:00:00+01:00', 5)).toBe(Date.parse('2026-11-23T07:00:00Z'));
  expect(eventTimeMs('soon', 5)).toBe(5);
  expect(eventTimeMs(undefined, 5)).toBe(5);
});
