import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { Failure } from '../runtime/failure.ts';
import { SettingsError } from '../runtime/settings.ts';
import { CommandError, exitCode, explain } from './exit-code.ts';

test.each([
  [new CommandError('no'), exitCode.failed],
  [new CommandError('no', exitCode.usage), exitCode.usage],
  [new SettingsError(['X: no']), exitCode.usage],
  [new Failure('dependency', 'down'), exitCode.failed],
  [Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }), exitCode.failed],
])('%p ends with code %i and no stack', (error, code) => {
  const told = explain(error);
  expect(told.code).toBe(code);
  expect(told.message).not.toMatch(/\n +at |bug/);
});

test('only a bug shows its stack', () => {
  expect(explain(new TypeError('x is not a function')).message).toMatch(
    /^This is a bug of oura-streaming:\n(.|\n)* at /,
  );
});

test('what a file lacks is said in lines, not as a program would', () => {
  const parsed = z.object({ taken_at: z.string() }).safeParse({});
  const { message } = explain(new Failure('configuration', 'manifest.json cannot be read', { cause: parsed.error }));
  expect(message).toMatch(/^manifest\.json cannot be read\n {2}because: .*expected string.*\n.*taken_at$/);
});
