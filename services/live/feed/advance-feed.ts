// How the lines of a person's feed go on, as a pure function. A webhook opens a line; the document version it led to and its metrics go on in
// the same line, and the time is counted from the webhook's arrival. What was polled or imported opens its line when it is stored.
import type { FeedEntry } from './feed-entry.ts';
import type { PipelineEvent } from './pipeline-event.ts';

const blank = {
  stage: null,
  resource: null,
  object_id: null,
  document: null,
  event_type: null,
  version: null,
  deleted: false,
  day: null,
  via: null,
  latency_ms: null,
  title: null,
  level: null,
  state: null,
} as const;

const at = (ms: number): string => new Date(ms).toISOString();

/** The lines that are new or changed by the event; `entries` are the known ones. */
export function advanceFeed(entries: readonly FeedEntry[], event: PipelineEvent): FeedEntry[] {
  switch (event.kind) {
    case 'notification': {
      const { id, atMs, resource, objectId, eventType } = event;
      // Oura repeats a notification that was answered late: same bytes, same id.
      if (entries.some((entry) => entry.id === id)) return [];
      const early = entries.find((entry) => isAnswerTo(entry, event));
      if (early) {
        const latency = early.latency_ms === null ? null : early.latency_ms + Date.parse(early.at) - atMs;
        return [{ ...early, at: at(atMs), event_type: eventType, latency_ms: latency }];
      }
      const opened = { resource, object_id: objectId, event_type: eventType, via: 'webhook' };
      return [{ ...blank, id, kind: 'document', at: at(atMs), stage: 'announced', ...opened }];
    }
    case 'document':
      return storeDocument(entries, event);
    case 'metrics':
      return entries
        .filter(({ document, stage }) => document === event.document && stage === 'stored')
        .map((entry) => ({
          ...entry,
          stage: 'measured',
          day: event.day,
          latency_ms: event.measuredAtMs - Date.parse(entry.at),
        }));
    case 'alert': {
      const { id, title, state, level, day } = event;
      return entries.some((entry) => entry.id === id)
        ? []
        : [{ ...blank, id, kind: 'alert', at: event.at, title, state, level, day }];
    }
  }
}

/** Topics are read side by side, so the answer to a webhook may be read before the webhook. */
const isAnswerTo = (
  entry: FeedEntry,
  { atMs, resource, objectId }: Extract<PipelineEvent, { kind: 'notification' }>,
): boolean =>
  entry.via === 'webhook' &&
  entry.event_type === null &&
  entry.resource === resource &&
  entry.object_id === objectId &&
  Date.parse(entry.at) >= atMs;

function storeDocument(
  entries: readonly FeedEntry[],
  event: Extract<PipelineEvent, { kind: 'document' }>,
): FeedEntry[] {
  const { id, askedAtMs, storedAtMs, resource, objectId, version, via, deleted } = event;
  if (entries.some(({ document }) => document === id)) return [];
  const stored = { stage: 'stored' as const, document: id, version, via, deleted };
  const announced = entries.filter(
    (entry) => entry.stage === 'announced' && entry.resource === resource && entry.object_id === objectId,
  );
  if (announced.length > 0 && via === 'webhook') {
    return announced.map((entry) => ({ ...entry, ...stored, latency_ms: storedAtMs - Date.parse(entry.at) }));
  }
  const opened = { resource, object_id: objectId, latency_ms: storedAtMs - askedAtMs };
  return [{ ...blank, id, kind: 'document', at: at(askedAtMs), ...opened, ...stored }];
}
