import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { readSettings, SettingsError, setting } from './settings.ts';

const schema = z.object({
  PORT: setting.port().default(8000),
  SECRET: setting.text().describe('The secret of the client.'),
  LEVEL: z.enum(['info', 'debug'], 'expected info or debug').default('info'),
  QUIET: setting.switch().default(false),
  ADDRESS: setting.url().optional(),
  NAMES: setting.list().default([]),
});

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readSettings(schema, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

test('what is given is read, what is not has its default, what is not asked for is left out', () => {
  const given = {
    PORT: '0',
    SECRET: 's',
    QUIET: 'true',
    ADDRESS: 'https://a.example',
    NAMES: 'a, b,,c ',
    PATH: '/bin',
  };
  expect(readSettings(schema, given)).toEqual({
    PORT: 0,
    SECRET: 's',
    LEVEL: 'info',
    QUIET: true,
    ADDRESS: 'https://a.example',
    NAMES: ['a', 'b', 'c'],
  });
});

test('a blank variable counts as not set', () => {
  expect(readSettings(schema, { SECRET: 's', PORT: '', ADDRESS: ' ' })).toMatchObject({ PORT: 8000 });
  expect(problemsOf({ SECRET: '' })).toEqual(['SECRET is not set: The secret of the client.']);
});

test('all problems come at once, in words, without the values', () => {
  const problems = problemsOf({ PORT: '80o0', LEVEL: 'loud', QUIET: 'yes', ADDRESS: 'hush' });
  expect(problems).toEqual([
    'PORT: expected a port number',
    'SECRET is not set: The secret of the client.',
    'LEVEL: expected info or debug',
    'QUIET: expected true or false',
    'ADDRESS: expected an address that begins with http:// or https://',
  ]);
});

test.each(['-1', '65536', '80.5', 'NaN'])('the port %p does not fall back on the default', (port) => {
  expect(problemsOf({ SECRET: 's', PORT: port })).toHaveLength(1);
});

test('a number beyond its limit names the limit', () => {
  expect(problemsOf({ SECRET: 's', PORT: '65536' })).toEqual(['PORT: expected a port number, 65535 or less']);
  expect(problemsOf({ SECRET: 's', PORT: '-1' })).toEqual(['PORT: expected a port number, 0 or more']);
});
