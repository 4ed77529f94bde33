import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createTerminal, progressLine } from './terminal.ts';

function watched(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  let nowMs = 0;
  const terminal = createTerminal({ stdin: new PassThrough(), stdout: new PassThrough(), stderr, now: () => nowMs });
  return { terminal, shown: () => String(stderr.read() ?? ''), wait: (ms: number) => (nowMs += ms) };
}

test('a bar appears only after a second, and is wiped at the end', () => {
  const { terminal, shown, wait } = watched(true);
  const progress = terminal.progress('documents', 10);
  progress.advance(2);
  expect(shown()).toBe('');
  wait(1200);
  progress.advance(3);
  expect(shown()).toContain('documents [##############--------------] 50% 5/10');
  progress.end();
  expect(shown()).toBe('\r\x1b[2K');
});

test('nothing moves where no person watches', () => {
  const { terminal, shown, wait } = watched(false);
  const progress = terminal.progress('documents', 10);
  wait(5000);
  progress.advance(5);
  progress.end();
  expect(shown()).toBe('');
});

test('without a total the count alone is shown', () => {
  expect(progressLine('documents', 12345, undefined)).toBe('documents 12,345');
});

test('a question is answered by a line, or by nobody', async () => {
  const stdin = new PassThrough();
  const terminal = createTerminal({ stdin, stdout: new PassThrough(), stderr: new PassThrough(), now: () => 0 });
  stdin.end('Anna\n');
  expect(await terminal.ask('Who? ')).toBe('Anna');
  const silent = new PassThrough();
  const alone = createTerminal({ stdin: silent, stdout: new PassThrough(), stderr: new PassThrough(), now: () => 0 });
  silent.end();
  expect(await alone.ask('Who? ')).toBeUndefined();
});
