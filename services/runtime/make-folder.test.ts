import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { folderReason, makeFolder } from './make-folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'make-folder-'));
});
afterEach(() => {
  chmodSync(parent, 0o700);
  rmSync(parent, { recursive: true });
});

test('a folder is made with its parents, for this user alone, and making it again changes nothing', () => {
  const path = join(parent, 'a', 'b');
  makeFolder(path);
  makeFolder(path);
  for (const made of [path, join(parent, 'a')]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

test('a folder below one in which the system makes none is refused at once', () => {
  expect(() => makeFolder('/proc/nope/data')).toThrow(/\/proc\/nope/);
});

test('a file in the place of the folder, or of one of its parents, is named', () => {
  const file = join(parent, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(`${file} is a file, not a folder`);
  expect(() => makeFolder(join(file, 'data'))).toThrow(`${file}`);
});

test('a link that leads to itself is refused', () => {
  const link = join(parent, 'link');
  symlinkSync(link, link);
  expect(() => makeFolder(join(link, 'data'))).toThrow(/leads to itself/);
});

test('a folder without the right to write is refused, for whom rights count', () => {
  chmodSync(parent, 0o500);
  const make = () => makeFolder(parent);
  if (process.getuid?.() === 0) make();
  else expect(make).toThrow(`this user may not write to ${parent}`);
});

test.each([
  ['EACCES', 'this user may not write to /data'],
  ['EROFS', '/data is on a read-only file system'],
  ['ENOENT', 'the system does not let anybody make /data'],
  ['ENOSPC', 'there is no room left for /data'],
])('%s is said in words', (code, words) => {
  expect(folderReason(code, '/data')).toBe(words);
});

test('a code nobody can mend is left to its own words', () => {
  expect(folderReason('EIO', '/data')).toBeUndefined();
});
