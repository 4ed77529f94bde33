// Reads all partitions of the log without committing anything, keeps the newest lines per person, and knows which open page shows whom. Any
// replica can take over any page: the cursor is a position in the log.
import type { Clock } from '../../runtime/clock.ts';
import type { LogBatch, LogRecord, MessageLog, RunningSubscription } from '../../runtime/log/message-log.ts';
import { partitionOf } from '../../runtime/log/partition.ts';
import { liveTopics, personOf, pipelineEvent } from '../feed/pipeline-event.ts';
import type { Today } from '../today/model.ts';
import type { PageFacts, PageMessage } from './page-message.ts';
import { overloaded, type PageSession } from './page-session.ts';
import { createPersonRoom, type PersonRoom } from './person-room.ts';
import { type Position, partitionName } from './position.ts';
import { readLately } from './read-lately.ts';

/** How far back from the end of each partition a starting replica reads, so that the feed is not empty. */
const warmRecords = 400;
/** People whose newest lines are kept although no page shows them. */
const roomsWithoutPages = 500;
const tickMs = 15_000;
const lobbyTickMs = 1_000;

export interface LiveHubParts {
  log: MessageLog;
  clock: Clock;
  readToday(user: string): Promise<Today | null>;
  readFacts(): Promise<PageFacts>;
  onFailure(error: unknown): void;
  /** The subscription ended for good. */
  onLost(error: Error): void;
  onSent(type: PageMessage['type']): void;
  onEvent(kind: string, ageMs: number): void;
}

export interface LiveHub {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Tells every page to come back later. */
  closePages(): void;
  /** Resolves when the page has its first message. */
  join(session: PageSession, since: Position | null): Promise<void>;
  leave(session: PageSession): void;
  pages(): number;
}

export function createLiveHub(parts: LiveHubParts): LiveHub {
  const { log, clock, readToday, readFacts, onFailure, onLost, onSent, onEvent } = parts;
  const rooms = new Map<string, PersonRoom>();
  const sessions = new Set<PageSession>();
  const position = new Map<string, number>();
  const heldFrom = new Map<string, number>();
  const partitionCounts = new Map<string, number>();
  const stopping = new AbortController();
  let subscription: RunningSubscription | undefined;
  let isLobbyChecked = true;

  const ofPerson = (user: string, all: Position): Position =>
    new Map(
      liveTopics.map((topic) => {
        const name = partitionName({ topic, partition: partitionOf(user, partitionCounts.get(topic) ?? 1) });
        return [name, all.get(name) ?? 0];
      }),
    );

  function roomOf(user: string): PersonRoom {
    const held = rooms.get(user);
    // Moved to the end: the map is ordered by last use.
    if (held) rooms.delete(user);
    const room = held ?? openRoom(user);
    rooms.set(user, room);
    return room;
  }

  const openRoom = (user: string): PersonRoom =>
    createPersonRoom({
      user,
      clock,
      heldFrom: ofPerson(user, heldFrom),
      position: () => ofPerson(user, position),
      readToday,
      readFacts,
      onFailure,
      onSent,
    });

  function forgetOldRooms() {
    for (const [user, room] of rooms) {
      if (rooms.size <= roomsWithoutPages) return;
      if (room.sessions.size > 0) continue;
      rooms.delete(user);
      // Should this person come back, what happened until now is not known any more.
      for (const [name, next] of position) heldFrom.set(name, next);
    }
  }

  async function onBatch(batch: LogBatch) {
    for (const record of batch.records) take(record);
    const next = (batch.records.at(-1)?.offset ?? batch.next - 1) + 1;
    position.set(partitionName(batch), next);
    forgetOldRooms();
    return { nextOffset: next };
  }

  function take(record: LogRecord) {
    position.set(partitionName(record), record.offset + 1);
    const user = personOf(record);
    if (user === undefined) return;
    const event = pipelineEvent(record);
    if (!event) return;
    onEvent(event.kind, clock.now() - record.appendedAtMs);
    roomOf(user).take(event, record);
  }

  async function warmUp() {
    const lately = await readLately(log, warmRecords);
    for (const [name, from] of lately.heldFrom) heldFrom.set(name, from);
    for (const [name, next] of lately.position) position.set(name, next);
    for (const { user, event, at } of lately.happenings) roomOf(user).take(event, at);
    forgetOldRooms();
  }

  async function tick() {
    for (let passedMs = 0; !stopping.signal.aborted; passedMs += lobbyTickMs) {
      await clock.wait(lobbyTickMs, stopping.signal);
      await seatLobby().catch(onFailure);
      if (passedMs % tickMs !== 0) continue;
      for (const session of sessions) session.check(clock.now());
      for (const room of rooms.values()) {
        room.sayAlive();
        room.tick();
      }
    }
  }

  /** Pages that were opened before anybody was known: the first person takes them. */
  async function seatLobby() {
    const waiting = [...sessions].filter((session) => session.user === null);
    if (waiting.length === 0 || !isLobbyChecked) return;
    isLobbyChecked = false;
    try {
      const first = (await readFacts()).people[0];
      if (!first) return;
      for (const session of waiting) {
        session.user = first.user;
        await roomOf(first.user).join(session, null);
      }
    } finally {
      isLobbyChecked = true;
    }
  }

  function closePages() {
    for (const session of sessions) session.close(overloaded.code, overloaded.reason);
  }

  return {
    closePages,
    async start() {
      for (const topic of liveTopics) partitionCounts.set(topic, (await log.ranges(topic)).length || 1);
      await warmUp();
      subscription = await log.subscribe({
        group: 'live',
        topics: liveTopics,
        everyPartition: true,
        startOffset: async (at) => position.get(partitionName(at)) ?? 'earliest',
        onBatch,
        onFailure: onLost,
      });
      tick().catch(onFailure);
    },
    async stop() {
      stopping.abort();
      closePages();
      await subscription?.stop();
    },
    async join(session, since) {
      sessions.add(session);
      if (session.user !== null) return roomOf(session.user).join(session, since);
      const facts = await readFacts();
      const first = facts.people[0];
      session.user = first?.user ?? null;
      if (first) return roomOf(first.user).join(session, since);
      session.send({
        type: 'snapshot',
        cursor: '',
        now: new Date(clock.now()).toISOString(),
        facts,
        today: null,
        feed: [],
      });
    },
    leave(session) {
      sessions.delete(session);
      if (session.user !== null) rooms.get(session.user)?.leave(session);
    },
    pages: () => sessions.size,
  };
}
