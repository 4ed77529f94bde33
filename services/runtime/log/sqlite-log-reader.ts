// Reads of the embedded log on a connection of their own: never wait for a commit. Synchronous (168k records/s measured), so callers
// bound each read by records and bytes and give the event loop a turn in between.
import type { DatabaseSync } from 'node:sqlite';
import { asSqliteFailure } from '../database/sqlite-failure.ts';
import { decodeHeaders, type HeaderTemplate, noTemplate } from './header-template.ts';
import type { LogRecord, PartitionRange, TopicPartition } from './message-log.ts';
import type { ReadLimits } from './partition-source.ts';
import { offsetOf, rowIdOf } from './sqlite-log-tables.ts';
import { asTemplate } from './sqlite-log-writer.ts';
import { decodeValue } from './value-encoding.ts';

export interface SqliteLogReader {
  read(partitionId: number, at: TopicPartition, from: number, limits: ReadLimits): LogRecord[];
  range(partitionId: number, at: TopicPartition): PartitionRange;
  groupOffset(group: string, partitionId: number): number | undefined;
  /** Changes when any other connection has committed. */
  version(): number;
}

interface Row {
  id: number;
  appended_at_ms: number;
  key: string;
  template_id: number;
  headers: string;
  encoding: number;
  value: Uint8Array | null;
}

export function createSqliteLogReader(db: DatabaseSync): SqliteLogReader {
  const selectRecords = db.prepare(
    `select id, appended_at_ms, key, template_id, headers, encoding, value from records
     where id >= ? and id < ? order by id limit ?`,
  );
  const selectFirst = db.prepare('select min(id) as id from records where id >= ? and id < ?');
  const selectLast = db.prepare('select max(id) as id from records where id >= ? and id < ?');
  const selectOffset = db.prepare('select next_offset from group_offsets where group_name = ? and partition_id = ?');
  const dataVersion = db.prepare('pragma data_version');
  const templates = createTemplateCache(db);

  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw asSqliteFailure(error, 'the log could not be read');
    }
  };

  return {
    read: (partitionId, at, from, { maxRecords, maxBytes }) =>
      guarded(() => {
        const records: LogRecord[] = [];
        let bytes = 0;
        const rows = selectRecords.iterate(rowIdOf(partitionId, from), rowIdOf(partitionId + 1, 0), maxRecords);
        for (const row of rows as Iterable<object> as Iterable<Row>) {
          records.push({
            topic: at.topic,
            partition: at.partition,
            offset: offsetOf(row.id),
            appendedAtMs: row.appended_at_ms,
            key: row.key,
            value: decodeValue(row),
            headers: decodeHeaders(row.headers, templates.get(row.template_id)),
          });
          bytes += row.headers.length + (row.value?.byteLength ?? 0);
          if (bytes >= maxBytes) break;
        }
        return records;
      }),
    range: (partitionId, at) =>
      guarded(() => {
        const bounds = [rowIdOf(partitionId, 0), rowIdOf(partitionId + 1, 0)] as const;
        const first = selectFirst.get(...bounds)?.id;
        const last = selectLast.get(...bounds)?.id;
        const next = typeof last === 'number' ? offsetOf(last) + 1 : 0;
        return {
          topic: at.topic,
          partition: at.partition,
          earliest: typeof first === 'number' ? offsetOf(first) : next,
          next,
        };
      }),
    groupOffset: (group, partitionId) =>
      guarded(() => {
        const next = selectOffset.get(group, partitionId)?.next_offset;
        return typeof next === 'number' ? next : undefined;
      }),
    version: () => guarded(() => Number(dataVersion.get()?.data_version)),
  };
}

function createTemplateCache(db: DatabaseSync) {
  const known = new Map<number, HeaderTemplate>([[noTemplate.id, noTemplate]]);
  const select = db.prepare('select template from header_templates where id = ?');
  return {
    get(id: number): HeaderTemplate {
      const cached = known.get(id);
      if (cached) return cached;
      const template = asTemplate(id, JSON.parse(String(select.get(id)?.template)));
      known.set(id, template);
      return template;
    },
  };
}
