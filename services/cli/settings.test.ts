import { expect, test } from '@jest/globals';
import { SettingsError } from '../runtime/settings.ts';
import { readApplicationSettings } from './settings.ts';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readApplicationSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

test('nothing has to be set', () => {
  expect(readApplicationSettings({})).toMatchObject({ HTTP_PORT: 8000, PUBLIC_PORT: 8001, DATA_DIR: 'data' });
});

test('everything that is wrong is said at once, and no value is repeated', () => {
  const problems = problemsOf({
    HTTP_PORT: 'eighty',
    POLL_MINUTES: '1',
    SECRETS_KEY: 'short-and-secret',
    SMTP_URL: 'smtp://mail.example',
    OURA_CLIENT_ID: 'id',
  });
  for (const name of ['HTTP_PORT', 'POLL_MINUTES', 'SECRETS_KEY', 'ALERT_EMAIL', 'OURA_CLIENT_SECRET'])
    expect(problems.join('\n')).toContain(name);
  expect(problems.join('\n')).not.toContain('short-and-secret');
});

test.each([
  [{ HTTP_HOST: '0.0.0.0' }, /HTTP_PASSWORD is not set, but HTTP_HOST=0\.0\.0\.0/],
  [{ HTTP_PORT: '9000', PUBLIC_PORT: '9000' }, /HTTP_PASSWORD is not set, but PUBLIC_PORT is HTTP_PORT/],
])('%o needs a password', (environment, sentence) => {
  expect(problemsOf(environment)).toEqual([expect.stringMatching(sentence)]);
  expect(problemsOf({ ...environment, HTTP_PASSWORD: 'a long password' })).toEqual([]);
});
