// The embedded log: DATA_DIR/log.db through `node:sqlite`. Put together here: size checks, partitioning, the append lane to the writer,
// reads on a connection of their own, consumer groups, and the news of appends by another process (the CLI), looked for every 250 ms.
import { type Clock, systemClock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { createAppendLane, defaultLaneLimits, type LaneLimits } from './append-lane.ts';
import { createMemoryWriting, createThreadWriting } from './commit-targets.ts';
import type { MessageLog, RecordPosition, TopicPartition } from './message-log.ts';
import { packRecords } from './packed-records.ts';
import { partitionOf } from './partition.ts';
import type { Pacing } from './partition-delivery.ts';
import { createPartitionNews } from './partition-news.ts';
import { checkRecordSize } from './record-limits.ts';
import { createReportedOffsets } from './reported-offsets.ts';
import { createSqliteLogReader } from './sqlite-log-reader.ts';
import {
  connectLogFile,
  loadPartitionIds,
  partitionIdOf,
  partitionIdsOf,
  prepareLogFile,
} from './sqlite-log-tables.ts';
import { createSubscriptionGroups } from './subscription-groups.ts';

export interface SqliteLogOptions {
  /** Path of the file, or `:memory:`. */
  path: string;
  /** Made when they are missing. */
  topics: readonly string[];
  /** For topics that are made now; a topic keeps the count it was made with. */
  partitions?: number;
  clock?: Clock;
  limits?: LaneLimits;
}

export interface SqliteLog extends MessageLog {
  /** Removes what later records replaced, where it is worth it. Runs by itself every ten minutes. */
  compact(): Promise<void>;
}

// A record that comes alone is delivered at once. Of those that trickle in, what came in 25 ms is handled together. While many callers wait for an
// append (webhooks), consumers take little and rest: what is on the log is safe, what is not yet goes first.
const gatherMs = 25;
const pressingAppends = 16;
const pressed = { intervalMs: 250, maxRecords: 100 };
/** More at once would keep a webhook waiting for what is done in one go. */
const mostRecords = 500;
const pollIntervalMs = 250;
const reportIntervalMs = 1000;
const compactIntervalMs = 10 * 60 * 1000;

/** @throws Failure `configuration` when the file cannot be opened */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  const { path, topics, partitions = 1, clock = systemClock, limits = defaultLaneLimits } = options;
  const db = connectLogFile(path);
  try {
    prepareLogFile(db, topics, partitions);
  } catch (error) {
    db.close();
    throw error;
  }
  const partitionIds = loadPartitionIds(db);
  const idOf = (at: TopicPartition) => partitionIdOf(partitionIds, at);
  const reader = createSqliteLogReader(db);
  const writing = path === ':memory:' ? createMemoryWriting(db) : createThreadWriting(path);
  const lane = createAppendLane(writing, limits);
  const reported = createReportedOffsets(writing);
  const news = createPartitionNews();
  const isPressed = () => lane.callers() >= pressingAppends;
  const pacing: Pacing = {
    intervalMs: (hasTakenAll) => (isPressed() ? pressed.intervalMs : hasTakenAll ? gatherMs : 0),
    maxRecords: () => (isPressed() ? pressed.maxRecords : mostRecords),
  };
  const turn = createTurns();
  const groups = createSubscriptionGroups({
    source: {
      async take(at, from, readLimits, signal) {
        for (;;) {
          await turn();
          if (signal.aborted) return undefined;
          const records = reader.read(idOf(at), at, from, readLimits);
          if (records.length > 0) return { records, next: reader.range(idOf(at), at).next };
          await news.wait(at, signal);
        }
      },
    },
    partitionsOf: (topic) => partitionIdsOf(partitionIds, topic).map((_, partition) => ({ topic, partition })),
    range: async (at) => reader.range(idOf(at), at),
    clock,
    ...(path !== ':memory:' && { pacing }),
    onPosition: (group, at, next) => reported.set(group, idOf(at), next),
  });

  let version = reader.version();
  const lookForNews = () => {
    try {
      const current = reader.version();
      if (current === version) return;
      version = current;
    } catch {
      // Who waits reads for itself then, and hears the error.
    }
    news.announce();
  };
  const poll = setInterval(lookForNews, pollIntervalMs).unref();
  const report = setInterval(() => void reported.flush(), reportIntervalMs).unref();
  const compact = () => writing.compact(clock.now());
  // It only saves room and is tried again; what hinders it hinders appends too, which say so.
  const compaction = setInterval(() => void compact().catch(() => {}), compactIntervalMs).unref();
  let closed = false;

  return {
    async append(records) {
      if (closed) throw new Failure('dependency', 'the log is closed');
      if (records.length === 0) return [];
      for (const record of records) checkRecordSize(record);
      if (!lane.hasRoom(records.length)) {
        throw new Failure('dependency', 'the log takes no more for now: too many appends wait for the disk');
      }
      const places = records.map(({ topic, partitionKey }) => {
        const ids = partitionIdsOf(partitionIds, topic);
        return { topic, partition: partitionOf(partitionKey, ids.length) };
      });
      const offsets = await lane.append(packRecords(records, places.map(idOf), clock.now()));
      news.announce(places);
      return places.map((place, index): RecordPosition => ({ ...place, offset: offsets[index] ?? -1 }));
    },
    subscribe: (subscription) => groups.subscribe(subscription),
    async read({ topic, partition, offset }, limit) {
      const at = { topic, partition };
      return reader.read(idOf(at), at, offset, { maxRecords: limit, maxBytes: Number.POSITIVE_INFINITY });
    },
    async ranges(topic) {
      return partitionIdsOf(partitionIds, topic).map((id, partition) => reader.range(id, { topic, partition }));
    },
    async groupOffsets(group, topic) {
      const offsets = new Map<number, number>();
      partitionIdsOf(partitionIds, topic).forEach((id, partition) => {
        const next = reported.get(group, id) ?? reader.groupOffset(group, id);
        if (next !== undefined) offsets.set(partition, next);
      });
      return offsets;
    },
    async check() {
      reader.version();
    },
    compact,
    async close() {
      if (closed) return;
      closed = true;
      for (const timer of [poll, report, compaction]) clearInterval(timer);
      await groups.stopAll();
      await reported.flush();
      await writing.close();
      db.close();
    },
  };
}

/**
 * Gives each caller a turn of the event loop of its own. Many consumers become due at once, and what they do needs no waiting: in one turn
 * a webhook would wait for all of them.
 */
function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => new Promise(setImmediate));
    return last;
  };
}
