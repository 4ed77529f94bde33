import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { knownVariables, ofTheStack } from './known-variables.ts';

const root = resolve(import.meta.dirname, '../..');
const namesIn = (file: string, pattern: RegExp) =>
  new Set([...readFileSync(resolve(root, file), 'utf8').matchAll(pattern)].map(([, name]) => String(name)));

test('every variable of the stack is known, and none that it no longer has', () => {
  const read = namesIn('docker-compose.yml', /\$\{([A-Z_0-9]+)/g);
  expect([...read].filter((name) => !knownVariables.has(name))).toEqual([]);
  expect(ofTheStack.filter((name) => !read.has(name))).toEqual([]);
});

test('every line that the stack writes into .env is known', () => {
  const written = namesIn('deploy/write-env.sh', /^([A-Z_0-9]+)=/gm);
  expect(written.size).toBeGreaterThan(5);
  expect([...written].filter((name) => !knownVariables.has(name))).toEqual([]);
});
