// Holds the import table of the design: what may import what. Prints the offending line and the remedy, and fails when it saw no
// files, so that a moved folder cannot switch it off.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { importsOf, roomOf, verdict } from './support/import-rules.ts';

const root = resolve(import.meta.dirname, '..');

const sources = ['schemas', 'services', 'test', 'grafana', 'deploy'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('test/fixtures/')),
);

test('every import is one that the design allows', () => {
  expect(sources.filter((file) => file.startsWith('services/')).length).toBeGreaterThan(20);
  const problems = sources.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return importsOf(text).flatMap(({ specifier, line }) => {
      const target = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
      const refused = verdict(file, target);
      return refused ? [`${file}:${line} imports ${target}\n    ${refused}`] : [];
    });
  });
  expect(problems).toEqual([]);
});

test('a decision file has no clock, no environment, no waiting and no log line', () => {
  const decisions = sources.filter((file) => roomOf(file).kind === 'decision');
  expect(decisions.length).toBeGreaterThan(3);
  const impure = /\bDate\.now\(|\bnew Date\(\)|\bprocess\.|\bawait\b|\blogger\b|\bMath\.random\(/;
  const problems = decisions.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        impure.test(text.replace(/\/\/.*|^\s*\*.*/, '')) ? [`${file}:${index + 1} ${text.trim()}`] : [],
      ),
  );
  expect(problems).toEqual([]);
});

test.each([
  ['schemas/document.ts', 'services/runtime/clock.ts', /schemas/],
  ['schemas/document.ts', 'kafkajs', /zod/],
  ['services/runtime/clock.ts', 'services/storage/people.ts', /runtime/],
  ['services/runtime/log/kafka-log.ts', 'schemas/oura/sleep.ts', /health word/],
  ['services/storage/people.ts', 'services/ingest/settings.ts', /storage/],
  ['services/archive/archive-service.ts', 'services/live/settings.ts', /another service/],
  ['services/alert/decide-alert.ts', 'services/runtime/clock.ts', /pure/],
  ['services/cli/main.ts', 'test/support/manual-clock.ts', /test/],
])('%s may not import %s', (file, target, reason) => {
  expect(verdict(file, target)).toMatch(reason);
});

test.each([
  ['schemas/document.ts', 'zod'],
  ['services/runtime/log/message-log.ts', 'schemas/wire.ts'],
  ['services/storage/people.ts', 'services/runtime/clock.ts'],
  ['services/archive/archive-service.ts', 'services/storage/archive.ts'],
  ['services/alert/decide-alert.ts', 'schemas/metrics-message.ts'],
  ['services/cli/main.ts', 'services/live/live-service.ts'],
  ['services/archive/archive-service.test.ts', 'test/support/databases.ts'],
])('%s may import %s', (file, target) => {
  expect(verdict(file, target)).toBeUndefined();
});
