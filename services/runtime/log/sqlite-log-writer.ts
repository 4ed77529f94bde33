// Writes to the embedded log: many waiting appends in one transaction, all durable or none. Synchronous; runs in the writer thread, or
// in the caller's for `:memory:`. Another process may append between two commits, so the next offsets are read inside each.
import type { DatabaseSync } from 'node:sqlite';
import { asSqliteFailure } from '../database/sqlite-failure.ts';
import { encodeHeaders, type Headers, type HeaderTemplate, noTemplate, templateName } from './header-template.ts';
import { type PackedRecords, tombstone } from './packed-records.ts';
import { offsetOf, rowIdOf } from './sqlite-log-tables.ts';
import { encodeValue } from './value-encoding.ts';

export interface ReportedOffset {
  group: string;
  partitionId: number;
  next: number;
}

export interface SqliteLogWriter {
  /** Appends the batches in order and returns the offsets of each. @throws Failure; then nothing was written */
  commit(batches: readonly PackedRecords[]): number[][];
  /** Remembers how far groups are, for lag tools. */
  report(offsets: readonly ReportedOffset[]): void;
}

/** Headers that differ in their names from record to record must not fill the file with templates. */
const maxTemplates = 500;

export function createSqliteLogWriter(db: DatabaseSync): SqliteLogWriter {
  const lastRowId = db.prepare('select max(id) as id from records where id >= ? and id < ?');
  const insertRecord = db.prepare(
    'insert into records (id, appended_at_ms, key, template_id, headers, encoding, value) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const markTombstone = db.prepare('update partitions set has_new_tombstones = 1 where id = ?');
  const insertOffset = db.prepare(
    `insert into group_offsets (group_name, partition_id, next_offset) values (?, ?, ?)
     on conflict (group_name, partition_id) do update set next_offset = excluded.next_offset`,
  );
  const templateFor = createTemplates(db);

  const nextOffset = (partitionId: number): number => {
    const last = lastRowId.get(rowIdOf(partitionId, 0), rowIdOf(partitionId + 1, 0))?.id;
    return typeof last === 'number' ? offsetOf(last) + 1 : 0;
  };

  const appendBatch = (batch: PackedRecords, next: Map<number, number>): number[] => {
    const offsets: number[] = [];
    let end = 0;
    for (let index = 0; index < batch.keys.length; index += 1) {
      const partitionId = batch.partitionIds[index] ?? 0;
      const length = batch.lengths[index] ?? tombstone;
      const offset = next.get(partitionId) ?? nextOffset(partitionId);
      const bytes = length === tombstone ? null : batch.bytes.subarray(end, end + length);
      const { encoding, value } = encodeValue(bytes);
      const headers: Headers = JSON.parse(batch.headers[index] ?? '{}');
      const template = templateFor.find(partitionId, headers);
      insertRecord.run(
        rowIdOf(partitionId, offset),
        batch.appendedAtMs,
        batch.keys[index] ?? '',
        template.id,
        encodeHeaders(headers, template),
        encoding,
        value,
      );
      if (bytes === null) markTombstone.run(partitionId);
      end += Math.max(length, 0);
      next.set(partitionId, offset + 1);
      offsets.push(offset);
    }
    return offsets;
  };

  const inTransaction = <Result>(work: () => Result): Result => {
    try {
      db.exec('begin immediate');
      try {
        const result = work();
        db.exec('commit');
        return result;
      } catch (error) {
        templateFor.forget();
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    } catch (error) {
      throw asSqliteFailure(error, 'the log could not be written');
    }
  };

  return {
    commit: (batches) =>
      inTransaction(() => {
        const next = new Map<number, number>();
        return batches.map((batch) => appendBatch(batch, next));
      }),
    report: (offsets) =>
      inTransaction(() => {
        for (const { group, partitionId, next } of offsets) insertOffset.run(group, partitionId, next);
      }),
  };
}

function createTemplates(db: DatabaseSync) {
  const known = new Map<string, HeaderTemplate>();
  const topicOf = db.prepare('select topic from partitions where id = ?');
  const select = db.prepare('select id, template from header_templates where topic = ? and names = ?');
  const count = db.prepare('select count(*) as count from header_templates');
  const insert = db.prepare('insert into header_templates (topic, names, template) values (?, ?, ?) returning id');

  const load = (partitionId: number, headers: Headers): HeaderTemplate => {
    const topic = String(topicOf.get(partitionId)?.topic);
    const names = templateName(headers);
    const row = select.get(topic, names);
    if (row) return asTemplate(Number(row.id), JSON.parse(String(row.template)));
    if (Number(count.get()?.count) >= maxTemplates) return noTemplate;
    return asTemplate(Number(insert.get(topic, names, JSON.stringify(headers))?.id), headers);
  };
  return {
    find(partitionId: number, headers: Headers): HeaderTemplate {
      const name = `${partitionId}\n${templateName(headers)}`;
      const template = known.get(name) ?? load(partitionId, headers);
      if (known.size < maxTemplates * 10) known.set(name, template);
      return template;
    },
    /** After a rollback a remembered template may not stand in the file. */
    forget: () => known.clear(),
  };
}

export const asTemplate = (id: number, headers: Headers): HeaderTemplate => ({
  id,
  names: Object.keys(headers),
  values: Object.values(headers),
});
