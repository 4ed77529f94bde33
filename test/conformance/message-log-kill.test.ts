// The embedded log and kill -9: what was acknowledged before a kill, with appends in flight, is there afterwards, once and unchanged.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { readAll, textOf } from './message-log-subject.ts';

const rounds = 4;
const acknowledgedBeforeKill = 300;

async function appendAndKill(path: string, round: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'append-until-killed.ts'), path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === acknowledgedBeforeKill) child.kill('SIGKILL');
  }
  await exited;
  // The kill may have cut the last line short.
  return acknowledged.slice(0, -1);
}

test('nothing that was acknowledged is lost, doubled or moved by a kill', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'oura-killed-log-'));
  const path = join(directory, 'log.db');
  const acknowledged: string[] = [];
  for (let round = 1; round <= rounds; round += 1) acknowledged.push(...(await appendAndKill(path, round)));
  expect(acknowledged.length).toBeGreaterThanOrEqual(rounds * (acknowledgedBeforeKill - 1));
  const log = await openSqliteLog({ path, topics: ['facts.v1'] });
  const kept = await readAll(log, 'facts.v1');
  const lines = new Set(kept.map((each) => `${each.partition} ${each.offset} ${textOf(each)}`));
  expect(acknowledged.filter((line) => !lines.has(line))).toEqual([]);
  expect(new Set(kept.map(textOf)).size).toBe(kept.length);
  await log.close();
  await rm(directory, { recursive: true });
}, 60_000);
