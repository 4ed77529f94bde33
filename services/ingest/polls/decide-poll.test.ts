import { expect, test } from '@jest/globals';
import { decidePoll, type PollAnswer, type PollDecision } from './decide-poll.ts';
import {
  afterWindow,
  dayMs,
  emptyDaysThatEnd,
  type HistoryState,
  historyWindow,
  recentWindow,
  windowQuery,
} from './decide-window.ts';

const day = 24 * 3_600_000;

test.each<[PollAnswer, number, PollDecision]>([
  [{ kind: 'scope-missing' }, 0, { kind: 'rest', outcome: 'scope_missing', afterMs: day }],
  [{ kind: 'forbidden' }, 0, { kind: 'rest', outcome: 'forbidden', afterMs: day }],
  [{ kind: 'refused' }, 0, { kind: 'rest', outcome: 'refused', afterMs: day }],
  [{ kind: 'not-found' }, 0, { kind: 'rest', outcome: 'not_found', afterMs: day }],
  [{ kind: 'needs-consent' }, 0, { kind: 'park-person', outcome: 'needs_consent' }],
  [{ kind: 'rate-limited', retryAfterMs: 7 }, 9, { kind: 'pause-person', outcome: 'rate_limited', afterMs: 7 }],
  [{ kind: 'unavailable' }, 0, { kind: 'retry', outcome: 'unavailable', afterMs: 60_000 }],
  [{ kind: 'unavailable' }, 99, { kind: 'retry', outcome: 'unavailable', afterMs: 1_800_000 }],
  [{ kind: 'unavailable', retryAfterMs: 90_000 }, 0, { kind: 'retry', outcome: 'unavailable', afterMs: 90_000 }],
  [{ kind: 'unreadable' }, 1, { kind: 'retry', outcome: 'unreadable_answer', afterMs: 120_000 }],
])('%j after %d failures', (answer, failures, decision) => {
  expect(decidePoll(answer, failures, 0.5)).toEqual(decision);
});

const nowMs = Date.parse('2026-11-23T08:20:00Z');
const shown = (window: { fromMs: number; toMs: number } | undefined) =>
  window && [window.fromMs, window.toMs].map((ms) => new Date(ms).toISOString().slice(0, 16));

test('a poll reads the last days, rows in whole hours up to the running one, and with a trailing week that', () => {
  expect(shown(recentWindow('documents', nowMs, undefined))).toEqual(['2026-11-22T00:00', '2026-11-24T00:00']);
  expect(shown(recentWindow('rows', nowMs, undefined))).toEqual(['2026-11-22T09:00', '2026-11-23T09:00']);
  expect(shown(recentWindow('rows', nowMs, 7))).toEqual(['2026-11-16T09:00', '2026-11-23T09:00']);
  expect(recentWindow('single', nowMs, 7)).toBeUndefined();
  expect(recentWindow('collection', nowMs, 7)).toBeUndefined();
});

test('documents are asked with a day of margin on both sides and an end of day, rows by the hour', () => {
  const window = { fromMs: Date.parse('2026-11-22'), toMs: Date.parse('2026-11-24') };
  expect(windowQuery('documents', window)).toEqual({ start_date: '2026-11-21', end_date: '2026-11-24T23:59:59' });
  expect(windowQuery('rows', window)).toEqual({
    start_datetime: '2026-11-22T00:00:00Z',
    end_datetime: '2026-11-24T00:00:00Z',
  });
});

function walk(kind: 'documents' | 'rows', maxDays: number, found: (fromMs: number) => number) {
  const windows = [];
  let state: HistoryState = { beforeMs: null, emptyDays: 0 };
  for (;;) {
    const window = historyWindow(kind, state, nowMs, maxDays);
    if (!window) return windows;
    windows.push(window);
    state = afterWindow(state, window, found(window.fromMs));
  }
}

test.each(['documents', 'rows'] as const)(
  'the history of %s is walked backwards without a gap to its floor',
  (kind) => {
    const windows = walk(kind, 400, () => 1);
    expect(shown(windows[0])?.[1]).toBe('2026-11-24T00:00');
    for (const [index, window] of windows.entries()) {
      expect(window.toMs - window.fromMs).toBeLessThanOrEqual((kind === 'rows' ? 30 : 90) * dayMs);
      if (index > 0) expect(window.toMs).toBe(windows[index - 1]?.fromMs);
    }
    expect(shown(windows.at(-1))?.[0]).toBe('2025-10-19T00:00');
  },
);

test('the history ends after two years without anything, and a year in a drawer does not end it', () => {
  const firstMs = nowMs - 2000 * dayMs;
  const drawer = [nowMs - 900 * dayMs, nowMs - 300 * dayMs];
  const windows = walk('documents', 10_000, (fromMs) =>
    fromMs < firstMs || (fromMs > (drawer[0] ?? 0) && fromMs < (drawer[1] ?? 0)) ? 0 : 3,
  );
  const oldest = windows.at(-1)?.fromMs ?? 0;
  expect((firstMs - oldest) / dayMs).toBeGreaterThan(emptyDaysThatEnd - 91);
  expect((firstMs - oldest) / dayMs).toBeLessThan(emptyDaysThatEnd + 181);
});

test('what has no windows has no history', () => {
  expect(historyWindow('single', { beforeMs: null, emptyDays: 0 }, nowMs, 400)).toBeUndefined();
});
