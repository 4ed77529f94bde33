import { expect, test } from '@jest/globals';
import { createPersonFeed, feedCapacity } from './person-feed.ts';
import type { PipelineEvent } from './pipeline-event.ts';

const t0 = Date.parse('2026-11-23T07:41:00Z');
const webhook: PipelineEvent = {
  kind: 'notification',
  id: 'n1',
  atMs: t0,
  resource: 'sleep',
  objectId: 'a',
  eventType: 'update',
};
const stored: PipelineEvent = {
  kind: 'document',
  id: 'd3',
  askedAtMs: t0 + 20,
  storedAtMs: t0 + 80,
  resource: 'sleep',
  objectId: 'a',
  version: 3,
  via: 'webhook',
  deleted: false,
};
const measured: PipelineEvent = { kind: 'metrics', document: 'd3', measuredAtMs: t0 + 112, day: '2026-11-23' };
const finished = {
  id: 'n1',
  stage: 'measured',
  version: 3,
  via: 'webhook',
  day: '2026-11-23',
  latency_ms: 112,
  at: new Date(t0).toISOString(),
};

function feedOf(...events: PipelineEvent[]) {
  const feed = createPersonFeed(new Map());
  for (const [offset, event] of events.entries()) feed.take(event, { topic: 't', partition: 0, offset });
  return feed;
}

test('a webhook and what follows from it are one line that goes on', () => {
  expect(feedOf(webhook).newest(9)).toMatchObject([{ id: 'n1', stage: 'announced', version: null, latency_ms: null }]);
  expect(feedOf(webhook, stored).newest(9)).toMatchObject([{ id: 'n1', stage: 'stored', version: 3, latency_ms: 80 }]);
  expect(feedOf(webhook, stored, measured).newest(9)).toMatchObject([finished]);
});

test.each([
  ['metrics before their document', [webhook, measured, stored]],
  ['a document before its webhook', [stored, webhook, measured]],
  ['everything backwards', [measured, stored, webhook]],
  ['everything twice', [webhook, webhook, stored, stored, measured, measured]],
] as [string, PipelineEvent[]][])('topics are read side by side: %s', (_, events) => {
  const lines = feedOf(...events).newest(9);
  expect(lines).toMatchObject([{ stage: 'measured', version: 3, latency_ms: 112, at: finished.at }]);
});

test('what was polled opens its own line, counted from the request', () => {
  const polled = { ...stored, id: 'd4', via: 'poll', objectId: 'b' } as const;
  expect(feedOf(webhook, polled).newest(9)).toMatchObject([
    { id: 'd4', via: 'poll', stage: 'stored', latency_ms: 60, event_type: null },
    { id: 'n1', stage: 'announced' },
  ]);
});

test('an alert that is told twice is one line', () => {
  const alert: PipelineEvent = {
    kind: 'alert',
    id: 'x',
    at: new Date(t0).toISOString(),
    title: 'Low',
    state: 'firing',
    level: 'warning',
    day: null,
  };
  expect(feedOf(alert, alert).newest(9)).toMatchObject([{ kind: 'alert', title: 'Low', state: 'firing' }]);
});

test('a page that comes back gets what changed since, and only that', () => {
  const feed = feedOf(webhook, { ...webhook, id: 'n2', objectId: 'b' }, stored);
  expect(feed.changedSince(new Map([['t/0', 0]]))?.map(({ id }) => id)).toEqual(['n1', 'n2']);
  expect(feed.changedSince(new Map([['t/0', 2]]))?.map(({ id }) => id)).toEqual(['n1']);
  expect(feed.changedSince(new Map([['t/0', 3]]))).toEqual([]);
});

test('a page that comes back from before what is still known learns that', () => {
  const webhooks = Array.from({ length: feedCapacity + 10 }, (_, index) => ({
    ...webhook,
    id: `n${index}`,
    objectId: `${index}`,
  }));
  const feed = feedOf(...webhooks);
  expect(feed.changedSince(new Map([['t/0', 9]]))).toBeNull();
  expect(feed.changedSince(new Map([['t/0', 10]]))).toHaveLength(feedCapacity);
  expect(createPersonFeed(new Map([['t/0', 40]])).changedSince(new Map([['t/0', 39]]))).toBeNull();
});
