// What the oracle says about a page, for pages that are right and pages that are not.
import { expect, test } from '@jest/globals';
import type { FeedEntry } from '../../services/live/feed/feed-entry.ts';
import type { OracleEvent } from './oracle-events.ts';
import { checkPages } from './oracle-page.ts';

const event = (id: string, change: Partial<OracleEvent> = {}): OracleEvent => ({
  ...{ id, body: '{}', ouraUserId: 'anna', dataType: 'sleep', objectId: 'night', eventType: 'update' },
  ...{ isAcknowledged: true, attempts: 1, wasCutOff: false, madeAtMs: 1000, ...change },
});
const line = (id: string, change: Partial<FeedEntry> = {}): FeedEntry => ({
  ...{ id, kind: 'document', at: '2026-11-23T07:41:00Z', stage: 'stored', resource: 'sleep', object_id: 'night' },
  ...{ document: 'd1', event_type: 'update', version: 1, deleted: false, day: null, via: 'webhook' },
  ...{ latency_ms: 1, title: null, level: null, state: null, ...change },
});
const page = (lines: FeedEntry[], owesFromMs = Number.NEGATIVE_INFINITY) => ({
  ouraUserId: 'anna',
  lines: () => lines,
  owesFromMs: () => owesFromMs,
});

test.each([
  ['each event in its line', [line('e1'), line('e2')], [event('e1'), event('e2')]],
  ['an event in the line of its document, which was read first', [line('d1')], [event('e1')]],
  ['an event without an answer may be missing', [], [event('e1', { isAcknowledged: false })]],
  ['what another person’s page has to show', [], [event('e1', { ouraUserId: 'ben' })]],
  ['a line that was polled', [line('d9', { via: 'poll', object_id: 'other' })], []],
])('%s is right', (_, lines, events) => {
  expect(checkPages([page(lines)], events)).toEqual([]);
});

test('a page that began anew owes nothing older', () => {
  expect(checkPages([page([line('e1')], 1100)], [event('e0')])).toEqual([]);
});

test.each([
  ['an event is missing', /never showed e2/, page([line('e1')]), [event('e1'), event('e2')]],
  ['the line of a document stands for one event', /never showed e2/, page([line('d1')]), [event('e1'), event('e2')]],
  ['a document’s line of no event', /never showed e1/, page([line('d1', { event_type: null })]), [event('e1')]],
  ['a line of what was never sent', /shows x, which was never sent/, page([line('x', { object_id: 'other' })]), []],
  ['an event since the page began anew', /never showed e2/, page([line('e1')], 900), [event('e1'), event('e2')]],
])('%s: it is said', (_, complaint, shown, events) => {
  expect(checkPages([shown], events).join('\n')).toMatch(complaint);
});
