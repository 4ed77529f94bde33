// When a process under test strikes itself dead: the part that crash-points.ts (SQLite) and crash-points-stack.ts (PostgreSQL, Kafka) share.
// CRASH_POINT is `<words>:<before|after>:<n>`: the n-th write whose description holds all the words, and none of those with a `!`. It counts from when the file
// CRASH_ARMED exists, so that a test can have requests in flight by then. CRASH_REPORT names a file that gets the description of the write that was struck.
import { existsSync, writeFileSync } from 'node:fs';

const [words = '', moment = '', count = ''] = (process.env.CRASH_POINT ?? '').split(':');
const wanted = words.split(' ').filter((word) => word !== '');
const { CRASH_REPORT: report, CRASH_ARMED: armedFile } = process.env;
let isArmed = !armedFile;
let begun = 0;
let done = 0;

const isIn = (description: string) => (word: string) =>
  word.startsWith('!') ? !description.includes(word.slice(1)) : description.includes(word);

/** To be called right before a write; what it answers is to be called right after it, unless it failed: a commit that lost against another is no write. */
export function strikeAround(description: string): () => void {
  const isWanted = wanted.length > 0 && wanted.every(isIn(description));
  isArmed ||= isWanted && existsSync(armedFile ?? '');
  if (!isWanted || !isArmed) return () => {};
  const strike = () => {
    if (report) writeFileSync(report, description);
    process.kill(process.pid, 'SIGKILL');
  };
  begun += 1;
  if (moment === 'before' && begun === Number(count)) strike();
  return () => {
    done += 1;
    if (moment === 'after' && done === Number(count)) strike();
  };
}

/** The table that a statement writes; for offsets with the consumer. */
export function writtenBy(sql: string, values: readonly unknown[]): string | undefined {
  const table = /^\s*(?:insert\s+into|update|delete\s+from)\s+(?:"?\w+"?\.)?"?(\w+)/i.exec(sql)?.[1];
  if (table !== 'consumer_offsets') return table;
  const consumer = values.find((value) => typeof value === 'string' && !value.startsWith('oura.'));
  return `${table}[${String(consumer)}]`;
}
