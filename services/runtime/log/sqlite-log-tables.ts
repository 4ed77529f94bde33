// The tables of the embedded log, and how a place in it is one integer: the high bits are the partition, the low 40 the offset, so
// each partition is one stretch of the table and an append never moves a row. `messages` is a view for people with any SQLite tool.
// Partition counts are chosen when a topic is created and then kept, because they decide where a person's records are.
import { DatabaseSync } from 'node:sqlite';
import { asSqliteFailure } from '../database/sqlite-failure.ts';
import { Failure } from '../failure.ts';
import type { TopicPartition } from './message-log.ts';

const offsetsPerPartition = 2 ** 40;
/** Row ids stay below 2^53, where numbers are exact. */
const maxPartitionId = 2 ** 13 - 1;
const formatVersion = 1;

export const rowIdOf = (partitionId: number, offset: number): number => partitionId * offsetsPerPartition + offset;
export const offsetOf = (rowId: number): number => rowId % offsetsPerPartition;

const tables = `
  create table if not exists partitions (
    id integer primary key,
    topic text not null,
    partition_no integer not null,
    cleaned_to integer not null default 0,
    kept_records integer not null default 0,
    has_new_tombstones integer not null default 0,
    unique (topic, partition_no)
  );
  create table if not exists header_templates (
    id integer primary key,
    topic text not null,
    names text not null,
    template text not null,
    unique (topic, names)
  );
  create table if not exists records (
    id integer primary key,
    appended_at_ms integer not null,
    key text not null,
    template_id integer not null,
    headers text not null,
    encoding integer not null,
    value blob
  );
  create table if not exists group_offsets (
    group_name text not null,
    partition_id integer not null,
    next_offset integer not null,
    primary key (group_name, partition_id)
  ) without rowid;
  create view if not exists messages as
    select p.topic, p.partition_no, r.id & ${offsetsPerPartition - 1} as offset_no, r.appended_at_ms, r.key,
      t.template as header_template, r.headers, case r.encoding when 0 then 'plain' else 'deflate-raw' end as encoding, r.value
    from records r join partitions p on p.id = r.id >> 40 left join header_templates t on t.id = r.template_id;
`;

/** `secure_delete`: what is erased is overwritten, not only forgotten. */
const pragmas = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma busy_timeout = 5000;
  pragma secure_delete = on;
`;

/** @throws Failure `configuration` when the file cannot be opened, is no log, or was written by a newer version */
export function connectLogFile(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path);
    db.exec(pragmas);
    return db;
  } catch (error) {
    throw asSqliteFailure(error, `cannot open the log ${path}`);
  }
}

/** Makes what is missing: tables, and partitions of topics that have none yet. */
export function prepareLogFile(db: DatabaseSync, topics: readonly string[], partitionCount: number): void {
  if (!Number.isInteger(partitionCount) || partitionCount < 1 || partitionCount > 1000) {
    throw new Failure('configuration', `a topic cannot have ${partitionCount} partitions: expected 1 to 1000`);
  }
  db.exec('begin immediate');
  try {
    const version = db.prepare('pragma user_version').get()?.user_version;
    if (version !== 0 && version !== formatVersion) {
      throw new Failure(
        'configuration',
        `the log has format ${version}, this version reads ${formatVersion}: update oura-streaming`,
      );
    }
    db.exec(tables);
    db.exec(`pragma user_version = ${formatVersion}`);
    const insert = db.prepare(
      'insert into partitions (id, topic, partition_no) values ((select coalesce(max(id), 0) + 1 from partitions), ?, ?)',
    );
    const exists = db.prepare('select 1 from partitions where topic = ? limit 1');
    for (const topic of topics) {
      if (exists.get(topic)) continue;
      for (let partition = 0; partition < partitionCount; partition += 1) insert.run(topic, partition);
    }
    const last = db.prepare('select max(id) as id from partitions').get()?.id;
    if (Number(last ?? 0) > maxPartitionId) {
      throw new Failure('configuration', `the log cannot hold more than ${maxPartitionId} partitions`);
    }
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw asSqliteFailure(error, 'cannot prepare the log');
  }
}

/** Partition ids by topic, indexed by partition number. */
export function loadPartitionIds(db: DatabaseSync): Map<string, number[]> {
  const ids = new Map<string, number[]>();
  for (const row of db.prepare('select id, topic, partition_no from partitions order by topic, partition_no').all()) {
    const topic = String(row.topic);
    ids.set(topic, [...(ids.get(topic) ?? []), Number(row.id)]);
  }
  return ids;
}

/** @throws Failure `configuration` for a topic or partition the log does not have */
export function partitionIdsOf(ids: ReadonlyMap<string, readonly number[]>, topic: string): readonly number[] {
  const found = ids.get(topic);
  if (found) return found;
  throw new Failure('configuration', `the log has no topic ${topic}; it has ${[...ids.keys()].join(', ') || 'none'}`);
}

/** @throws Failure `configuration` */
export function partitionIdOf(ids: ReadonlyMap<string, readonly number[]>, at: TopicPartition): number {
  const found = partitionIdsOf(ids, at.topic)[at.partition];
  if (found !== undefined) return found;
  throw new Failure('configuration', `${at.topic} has no partition ${at.partition}`);
}
