// What the README says about the code is what the code says.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readmeWithSettings } from './support/write-settings-table.ts';

test('the table of settings is current; `npm run settings` writes it', () => {
  const { path, text } = readmeWithSettings();
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('every file the README links to is there', () => {
  const { path, text } = readmeWithSettings();
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => String(link));
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([]);
});
