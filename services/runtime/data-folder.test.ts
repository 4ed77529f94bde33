import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findFolderOwner, openDataFolder } from './data-folder.ts';

let parent = '';
let path = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'data-folder-'));
  path = join(parent, 'a', 'data');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(parent, { recursive: true });
});

/** Another process that owns the folder until it is killed. */
async function otherOwner() {
  const modulePath = fileURLToPath(new URL('./data-folder.ts', import.meta.url));
  const program = `import { openDataFolder } from ${JSON.stringify(modulePath)};
    openDataFolder(${JSON.stringify(path)}, 'serve').announce('http://localhost:8000');
    console.log('owned'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('the folder is made for this user alone, and is free again after close', () => {
  const folder = openDataFolder(path, 'serve');
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(findFolderOwner(path)).toEqual({ pid: process.pid, purpose: 'serve' });
  folder.announce('http://localhost:8123');
  expect(findFolderOwner(path)).toEqual({ pid: process.pid, purpose: 'serve', url: 'http://localhost:8123' });
  folder.close();
  folder.close();
  expect(findFolderOwner(path)).toBeUndefined();
  openDataFolder(path, 'serve').close();
});

test('a second owner is refused with who is there and what to do, in this process and in another', async () => {
  const folder = openDataFolder(path, 'serve');
  expect(() => openDataFolder(path, 'import')).toThrow(
    new RegExp(
      `another process \\(serve, process id ${process.pid}\\) uses the data in .*: stop it first, or set DATA_DIR`,
    ),
  );
  folder.close();
  const other = await otherOwner();
  expect(() => openDataFolder(path, 'serve')).toThrow(`process id ${other.pid}, http://localhost:8000`);
  expect(findFolderOwner(path)).toEqual({ pid: other.pid, purpose: 'serve', url: 'http://localhost:8000' });
});

test('an owner that was killed leaves no lock behind', async () => {
  const other = await otherOwner();
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(existsSync(join(path, 'owner.json'))).toBe(true);
  expect(findFolderOwner(path)).toBeUndefined();
  openDataFolder(path, 'serve').close();
});

test('looking at a folder that is not there makes nothing', () => {
  expect(findFolderOwner(path)).toBeUndefined();
  expect(existsSync(path)).toBe(false);
});

test('a file in the place of the folder is explained', () => {
  writeFileSync(join(parent, 'a'), '');
  expect(() => openDataFolder(path, 'serve')).toThrow(
    /data folder .* cannot be used \(.* is a file, not a folder\): set DATA_DIR to a folder that this user may write to/,
  );
});

test('a folder below one in which the system makes none is refused at once', () => {
  expect(() => openDataFolder('/proc/nope', 'serve')).toThrow(/\/proc\/nope cannot be used .* set DATA_DIR/);
});

test('a folder in which nothing can be written is explained', () => {
  // Stands for a missing right, which would not keep root out.
  mkdirSync(join(path, 'owner.lock'), { recursive: true });
  expect(() => openDataFolder(path, 'serve')).toThrow(/cannot be used \(unable to open database file\): set DATA_DIR/);
});
