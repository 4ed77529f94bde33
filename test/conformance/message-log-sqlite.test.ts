// The embedded log against the conformance suite, in memory and as a file, with one partition and with six.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog, type SqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { describeMessageLog } from './message-log.ts';
import type { LogSubject } from './message-log-subject.ts';

const topics = ['facts.v1', 'others.v1'] as const;
const patienceMs = 5000;

async function openFile(partitions: number): Promise<LogSubject> {
  const directory = await mkdtemp(join(tmpdir(), 'oura-log-'));
  const open = () => openSqliteLog({ path: join(directory, 'log.db'), topics, partitions });
  let current: SqliteLog = await open();
  return {
    log: current,
    topics,
    partitions,
    patienceMs,
    reopen: async () => {
      await current.close();
      current = await open();
      return current;
    },
    close: async () => {
      await current.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function openMemory(partitions: number): Promise<LogSubject> {
  const log = await openSqliteLog({ path: ':memory:', topics, partitions });
  const reopen = () => Promise.reject(new Error('a log in memory cannot be opened again'));
  return { log, topics, partitions, patienceMs, reopen, close: () => log.close() };
}

describeMessageLog('the embedded log as a file with 6 partitions', () => openFile(6));

for (const partitions of [1, 6]) {
  const open = () => openMemory(partitions);
  describeMessageLog(`the embedded log in memory with ${partitions} partition(s)`, open, { reopens: false });
}
