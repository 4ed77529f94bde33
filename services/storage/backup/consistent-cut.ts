// One moment over several SQLite files that others are writing to: all write locks are held together for the few milliseconds in which a
// read snapshot of each file is taken. What the snapshots show is what a power cut at that moment would have left, which the system is
// built to survive: no offset beyond the end of the log, no version number that is not in `state`, no outbox entry lost.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { asSqliteFailure, isSqliteBusy } from '../../runtime/database/sqlite-failure.ts';
import { Failure } from '../../runtime/failure.ts';

const patienceMs = 30_000;
const retryMs = 5;

/** Connections in a read transaction, one per path, all of the same moment. Close them. @throws Failure */
export async function cutConsistently(paths: readonly string[]): Promise<DatabaseSync[]> {
  const locks: DatabaseSync[] = [];
  const snapshots: DatabaseSync[] = [];
  try {
    for (const path of paths) locks.push(open(path));
    for (const path of paths) snapshots.push(open(path));
    const untilMs = performance.now() + patienceMs;
    for (const lock of locks) await takeWriteLock(lock, untilMs);
    for (const snapshot of snapshots) {
      snapshot.exec('begin');
      // The snapshot is taken by the first read, not by `begin`.
      snapshot.prepare('select count(*) from sqlite_schema').get();
    }
    return snapshots;
  } catch (error) {
    for (const snapshot of snapshots) snapshot.close();
    throw asSqliteFailure(error, 'backup');
  } finally {
    for (const lock of locks) lock.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw asSqliteFailure(error, path);
  }
}

/** Waits outside of SQLite, because the holder may be a transaction of this very thread. */
async function takeWriteLock(database: DatabaseSync, untilMs: number): Promise<void> {
  for (;;) {
    try {
      return database.exec('begin immediate');
    } catch (error) {
      if (!isSqliteBusy(error)) throw error;
      if (performance.now() > untilMs)
        throw new Failure('dependency', `a database was locked for ${patienceMs / 1000} s: try the backup again`);
    }
    await wait(retryMs);
  }
}
