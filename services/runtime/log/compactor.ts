// Compaction of the embedded log, in steps of a few milliseconds: a record goes when a later one has its key, a tombstone a day after
// it was written. Offsets of what stays do not change, the last record of a partition always stays. One pass looks at a bounded number
// of new records, so its memory is bounded; the file does not shrink, its free pages are used again.
import type { DatabaseSync } from 'node:sqlite';
import { asSqliteFailure } from '../database/sqlite-failure.ts';
import { isWorthCompacting, type PartitionState, tombstoneRetentionMs } from './compaction-policy.ts';
import { offsetOf, rowIdOf } from './sqlite-log-tables.ts';

export interface Compactor {
  /** Does a little work; false when nothing is left to do. */
  step(nowMs: number): boolean;
  /** Forgets a pass that failed. */
  abandon(): void;
}

const recordsPerStep = 256;
const maxNewRecordsPerPass = 100_000;

/** What the column `has_new_tombstones` says. The writer marks a new one. */
const tombstoneMark = { none: 0, new: 1, kept: 2 } as const;

interface Partition extends PartitionState {
  id: number;
}

interface KeyRow {
  id: number;
  key: string;
  appended_at_ms: number;
  is_tombstone: number;
}

export function createCompactor(db: DatabaseSync): Compactor {
  let pass: Iterator<void> | undefined;
  return {
    step(nowMs) {
      try {
        pass ??= compactAll(db, nowMs);
        if (!pass.next().done) return true;
        pass = undefined;
        return false;
      } catch (error) {
        throw asSqliteFailure(error, 'the log could not be compacted');
      }
    },
    abandon: () => {
      pass = undefined;
    },
  };
}

function* compactAll(db: DatabaseSync, nowMs: number): Generator<void> {
  for (const partition of loadPartitions(db)) {
    if (isWorthCompacting(partition)) yield* compactPartition(db, partition, nowMs);
    yield;
  }
}

function* compactPartition(db: DatabaseSync, partition: Partition, nowMs: number): Generator<void> {
  const end = Math.min(partition.next - 1, partition.cleanedTo + maxNewRecordsPerPass);
  const newestByKey = new Map<string, number>();
  for (const rows of keyRows(db, partition.id, partition.cleanedTo, end)) {
    for (const row of rows) newestByKey.set(row.key, row.id);
    yield;
  }
  const remove = db.prepare('delete from records where id = ?');
  let keptRecords = 0;
  let keptTombstones = 0;
  for (const rows of keyRows(db, partition.id, 0, end)) {
    const removable = rows.filter(
      (row) =>
        row.id < (newestByKey.get(row.key) ?? row.id) ||
        (row.is_tombstone === 1 && row.appended_at_ms < nowMs - tombstoneRetentionMs),
    );
    keptRecords += rows.length - removable.length;
    keptTombstones += tombstonesIn(rows) - tombstonesIn(removable);
    if (removable.length > 0) {
      inTransaction(db, () => {
        for (const row of removable) remove.run(row.id);
      });
    }
    yield;
  }
  inTransaction(db, () => {
    // A tombstone appended during the pass stands at or after `end` and keeps its mark.
    const isLater = db.prepare('select 1 from records where id >= ? and id < ? and value is null limit 1');
    const hasNewTombstones = isLater.get(rowIdOf(partition.id, end), rowIdOf(partition.id + 1, 0)) !== undefined;
    const isMarked = hasNewTombstones ? tombstoneMark.new : tombstoneMark.none;
    const mark = keptTombstones > 0 ? tombstoneMark.kept : isMarked;
    db.prepare('update partitions set cleaned_to = ?, kept_records = ?, has_new_tombstones = ? where id = ?').run(
      end,
      keptRecords,
      mark,
      partition.id,
    );
  });
}

const tombstonesIn = (rows: readonly KeyRow[]): number => rows.filter((row) => row.is_tombstone === 1).length;

/** Keys of the offsets [from, end), in slices. */
function* keyRows(db: DatabaseSync, partitionId: number, from: number, end: number): Generator<KeyRow[]> {
  const select = db.prepare(
    `select id, key, appended_at_ms, value is null as is_tombstone from records where id >= ? and id < ? order by id limit ?`,
  );
  let start = rowIdOf(partitionId, from);
  for (;;) {
    const rows = select.all(start, rowIdOf(partitionId, end), recordsPerStep) as object[] as KeyRow[];
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    start = last.id + 1;
  }
}

function loadPartitions(db: DatabaseSync): Partition[] {
  const lastRow = db.prepare('select max(id) as id from records where id >= ? and id < ?');
  return db
    .prepare('select id, cleaned_to, kept_records, has_new_tombstones from partitions')
    .all()
    .map((row) => {
      const id = Number(row.id);
      const last = lastRow.get(rowIdOf(id, 0), rowIdOf(id + 1, 0))?.id;
      return {
        id,
        cleanedTo: Number(row.cleaned_to),
        keptRecords: Number(row.kept_records),
        hasNewTombstones: row.has_new_tombstones !== tombstoneMark.none,
        keepsTombstones: row.has_new_tombstones === tombstoneMark.kept,
        next: typeof last === 'number' ? offsetOf(last) + 1 : 0,
      };
    });
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('begin immediate');
  try {
    work();
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}
