// The newest lines of one person's feed, in memory and bounded, each with the place in the log where it last changed: so a page that comes
// back with a cursor gets what changed since, or learns that too much was forgotten meanwhile.
import type { RecordPosition } from '../../runtime/log/message-log.ts';
import { type Position, partitionName } from '../socket/position.ts';
import { advanceFeed } from './advance-feed.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { PipelineEvent } from './pipeline-event.ts';

export const feedCapacity = 200;

interface Line {
  entry: FeedEntry;
  changedAt: RecordPosition;
}

export interface PersonFeed {
  /** The lines that the event opened or changed. */
  take(event: PipelineEvent, at: RecordPosition): FeedEntry[];
  /** Newest first. */
  newest(count: number): FeedEntry[];
  /** Oldest first, what changed at or after the position; null when some of it is forgotten. */
  changedSince(position: Position): FeedEntry[] | null;
}

/** `heldFrom` is where reading began: what changed before is not known. */
export function createPersonFeed(heldFrom: Position): PersonFeed {
  const lines = new Map<string, Line>();
  /** Metrics that were read before their document: topics are read side by side. */
  const early = new Map<string, Extract<PipelineEvent, { kind: 'metrics' }>>();
  const forgottenUntil = new Map<string, number>(heldFrom);

  function forgetOldest() {
    for (const [id, { changedAt }] of lines) {
      if (lines.size <= feedCapacity) return;
      lines.delete(id);
      const name = partitionName(changedAt);
      forgottenUntil.set(name, Math.max(forgottenUntil.get(name) ?? 0, changedAt.offset + 1));
    }
  }

  function advance(event: PipelineEvent, at: RecordPosition): FeedEntry[] {
    const known = [...lines.values()].map(({ entry }) => entry);
    const changed = advanceFeed(known, event);
    for (const entry of changed) lines.set(entry.id, { entry, changedAt: at });
    return changed;
  }

  function keepEarly(event: Extract<PipelineEvent, { kind: 'metrics' }>) {
    early.set(event.document, event);
    const [oldest] = early.keys();
    if (early.size > feedCapacity && oldest !== undefined) early.delete(oldest);
  }

  return {
    take(event, at) {
      let changed = advance(event, at);
      if (event.kind === 'metrics' && changed.length === 0) keepEarly(event);
      if (event.kind === 'document') {
        const measured = early.get(event.id);
        early.delete(event.id);
        if (measured) changed = advance(measured, at);
      }
      forgetOldest();
      return changed;
    },
    newest: (count) =>
      [...lines.values()]
        .map(({ entry }) => entry)
        // Of the same instant the one that was read last comes first: the sort is stable.
        .reverse()
        .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
        .slice(0, count),
    changedSince(position) {
      for (const [name, until] of forgottenUntil) if ((position.get(name) ?? 0) < until) return null;
      return [...lines.values()]
        .filter(({ changedAt }) => changedAt.offset >= (position.get(partitionName(changedAt)) ?? 0))
        .map(({ entry }) => entry);
    },
  };
}
