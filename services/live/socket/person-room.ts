// One person and the pages that show them: collects what the log says about the person, and sends each open page what changed. The first
// change goes out at once, what follows is gathered while it is sent, so a backfill of a year is a few messages and not ten thousand.
import type { Clock } from '../../runtime/clock.ts';
import type { RecordPosition } from '../../runtime/log/message-log.ts';
import type { FeedEntry } from '../feed/feed-entry.ts';
import { createPersonFeed } from '../feed/person-feed.ts';
import type { PipelineEvent } from '../feed/pipeline-event.ts';
import type { Today, TodayParts } from '../today/model.ts';
import { changedParts } from './changed-parts.ts';
import type { PageFacts, PageMessage } from './page-message.ts';
import type { PageSession } from './page-session.ts';
import { encodeCursor, type Position } from './position.ts';

/** Lines alone cost no reading. */
const linesGatherMs = 5;
const shortestGatherMs = 20;
const longestGatherMs = 1000;
/** Reading takes at most this share of the time: one part reading, three parts waiting. */
const waitingPerReading = 3;
const snapshotFeedLength = 60;
/** More changed lines than this at once are a snapshot. */
const deltaFeedLength = 120;

export interface RoomParts {
  user: string;
  clock: Clock;
  /** Where this replica began to read the person's partitions. */
  heldFrom: Position;
  /** Where it stands in them now. */
  position(): Position;
  readToday(user: string): Promise<Today | null>;
  readFacts(): Promise<PageFacts>;
  /** A failed reading is tried again with the next change or tick. */
  onFailure(error: unknown): void;
  onSent(type: PageMessage['type']): void;
}

export interface PersonRoom {
  readonly sessions: ReadonlySet<PageSession>;
  take(event: PipelineEvent, at: RecordPosition): void;
  /** Sends a snapshot, or what changed since the position when all of it is known. */
  join(session: PageSession, since: Position | null): Promise<void>;
  leave(session: PageSession): void;
  /** To every page; its cursor passes nothing that was not sent yet. */
  sayAlive(): void;
  /** Time passed: a night may have settled, a day begun. */
  tick(): void;
}

export function createPersonRoom(parts: RoomParts): PersonRoom {
  const { user, clock, heldFrom, position, readToday, readFacts, onFailure, onSent } = parts;
  const sessions = new Set<PageSession>();
  const feed = createPersonFeed(heldFrom);
  let changed = new Map<string, FeedEntry>();
  let isDirty = false;
  let isRunning = false;
  /** Of the last message: everything before it was sent. */
  let sentUntil: string | undefined;

  const now = () => new Date(clock.now()).toISOString();

  function send(session: PageSession, message: PageMessage) {
    session.send(message);
    onSent(message.type);
  }

  async function sendSnapshot(session: PageSession) {
    // The position comes before the reading: what arrives meanwhile is told twice, never missed.
    const cursor = encodeCursor(position());
    const [facts, today] = await Promise.all([readFacts(), readToday(user)]);
    session.shown = today;
    send(session, { type: 'snapshot', cursor, now: now(), facts, today, feed: feed.newest(snapshotFeedLength) });
  }

  function sendDelta(session: PageSession, cursor: string, today: Today | null, lines: FeedEntry[]) {
    const changes: TodayParts = today ? changedParts(session.shown, today) : {};
    if (today) session.shown = today;
    if (lines.length > 0 || Object.keys(changes).length > 0)
      send(session, { type: 'delta', cursor, now: now(), parts: changes, feed: lines });
  }

  async function flush() {
    const cursor = encodeCursor(position());
    const taken = changed;
    const mustRead = isDirty;
    changed = new Map();
    isDirty = false;
    try {
      await sendAll(cursor, [...taken.values()], mustRead);
      sentUntil = cursor;
    } catch (error) {
      // A line that some page may not have goes with the next message, and until then no cursor passes it.
      changed = new Map([...taken, ...changed]);
      isDirty = isDirty || mustRead;
      throw error;
    }
  }

  async function sendAll(cursor: string, lines: FeedEntry[], mustRead: boolean) {
    const today = mustRead ? await readToday(user) : null;
    for (const session of sessions) {
      if (!session.isReady) continue;
      if (!session.needsSnapshot() && lines.length <= deltaFeedLength) sendDelta(session, cursor, today, lines);
      else if (!session.isFull()) await sendSnapshot(session);
    }
  }

  async function run() {
    while ((isDirty || changed.size > 0) && sessions.size > 0) {
      const startedMs = clock.now();
      const wasRead = isDirty;
      await flush();
      const gatherMs = (clock.now() - startedMs) * waitingPerReading;
      await clock.wait(wasRead ? Math.min(longestGatherMs, Math.max(shortestGatherMs, gatherMs)) : linesGatherMs);
    }
    // No await between the question above and this, or a change in between would wait for the next tick.
    isRunning = false;
  }

  function schedule() {
    if (isRunning || sessions.size === 0) return;
    isRunning = true;
    run().catch((error) => {
      isRunning = false;
      onFailure(error);
    });
  }

  return {
    sessions,
    take(event, at) {
      const lines = feed.take(event, at);
      if (sessions.size === 0) return;
      for (const entry of lines) changed.set(entry.id, entry);
      if (event.kind === 'metrics' || event.kind === 'alert') isDirty = true;
      schedule();
    },
    async join(session, since) {
      sessions.add(session);
      const cursor = encodeCursor(position());
      sentUntil ??= cursor;
      const today = since && feed.changedSince(since) ? await readToday(user) : null;
      // Asked again after the reading: what arrived meanwhile belongs to the answer.
      const missed = since && today && feed.changedSince(since);
      if (missed) sendDelta(session, cursor, today, missed);
      else await sendSnapshot(session);
      session.isReady = true;
      isDirty = true;
      schedule();
    },
    leave(session) {
      sessions.delete(session);
      if (sessions.size > 0) return;
      changed = new Map();
      isDirty = false;
      sentUntil = undefined;
    },
    sayAlive() {
      const isAllSent = !isRunning && changed.size === 0;
      const cursor = isAllSent || sentUntil === undefined ? encodeCursor(position()) : sentUntil;
      for (const session of sessions) if (session.isReady) send(session, { type: 'alive', now: now(), cursor });
    },
    tick() {
      isDirty = sessions.size > 0;
      schedule();
    },
  };
}
