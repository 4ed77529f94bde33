// Loaded into a server under test by `node --import`: kills the process with SIGKILL immediately before or after a commit to its SQLite files, so that a test
// can die between every pair of writes without the product knowing of it (when: crash-strike.ts). Worker threads inherit `--import`, so the log's writer is
// covered. A description is the file and what the transaction wrote: `store.db archived_notifications consumer_offsets[archive]`,
// `log.db records[oura.documents.v1]`.
import { basename } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { strikeAround, writtenBy } from './crash-strike.ts';

const owners = new WeakMap<StatementSync, DatabaseSync>();
const written = new WeakMap<DatabaseSync, Set<string>>();
const topics = new Map<unknown, string>();

const { exec, prepare } = DatabaseSync.prototype;
const { run, all, get } = StatementSync.prototype;

function commit(database: DatabaseSync, sql: string): void {
  const words = [...(written.get(database) ?? [])].sort();
  written.delete(database);
  const struck = strikeAround([basename(database.location() ?? 'memory'), ...words].join(' '));
  exec.call(database, sql);
  struck();
}

function topicOf(database: DatabaseSync, templateId: unknown): string {
  const known = topics.get(templateId);
  if (known !== undefined) return known;
  const statement = prepare.call(database, 'select topic from header_templates where id = ?');
  const topic = String(Reflect.apply(get, statement, [templateId])?.topic);
  topics.set(templateId, topic);
  return topic;
}

function noteWrite(database: DatabaseSync, sql: string, values: readonly unknown[]): void {
  const word = writtenBy(sql, values);
  if (!word) return;
  const words = written.get(database) ?? new Set();
  written.set(database, words.add(word === 'records' ? `records[${topicOf(database, values[3])}]` : word));
}

DatabaseSync.prototype.exec = function (sql) {
  if (/^\s*begin\b/i.test(sql)) written.delete(this);
  return /^\s*commit\b/i.test(sql) ? commit(this, sql) : exec.call(this, sql);
};
DatabaseSync.prototype.prepare = function (...args) {
  const statement = Reflect.apply(prepare, this, args);
  owners.set(statement, this);
  return statement;
};

const watched = <Method extends (...values: never[]) => unknown>(method: Method) =>
  function (this: StatementSync, ...values: unknown[]) {
    const database = owners.get(this);
    if (database) noteWrite(database, this.sourceSQL, values);
    return Reflect.apply(method, this, values);
  };
StatementSync.prototype.run = watched(run) as typeof run;
StatementSync.prototype.all = watched(all) as typeof all;
StatementSync.prototype.get = watched(get) as typeof get;
