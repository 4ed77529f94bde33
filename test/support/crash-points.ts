// Loaded into a server under test by `node --import`: kills the process with SIGKILL immediately before or after the n-th commit to one of its
// database files, so that a test can die between every pair of writes without the product knowing of it. It also counts the commits it saw.
// CRASH_POINT is `<file name>:<before|after>:<n>`, for example `store.db:after:3`. Worker threads inherit `--import`, so the log's writer is covered.
import { DatabaseSync, StatementSync } from 'node:sqlite';

const [file, moment, count] = (process.env.CRASH_POINT ?? '').split(':');
const owners = new WeakMap<StatementSync, DatabaseSync>();
let seen = 0;

const isCommit = (sql: string): boolean => /^\s*commit\b/i.test(sql);
const isWatched = (database: DatabaseSync | undefined): boolean => Boolean(file && database?.location()?.endsWith(file));

function around<Result>(database: DatabaseSync | undefined, sql: string, commit: () => Result): Result {
  if (!isCommit(sql) || !isWatched(database)) return commit();
  seen += 1;
  const isDue = seen === Number(count);
  if (isDue && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const result = commit();
  if (isDue && moment === 'after') process.kill(process.pid, 'SIGKILL');
  return result;
}

const { exec, prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  return around(this, sql, () => exec.call(this, sql));
};
DatabaseSync.prototype.prepare = function (...args) {
  const statement = Reflect.apply(prepare, this, args);
  owners.set(statement, this);
  return statement;
};
const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...args: unknown[]) {
  return around(owners.get(this), this.sourceSQL, () => Reflect.apply(run, this, args));
};
