import { expect, test } from '@jest/globals';
import { readSettings, SettingsError } from '../runtime/settings.ts';
import { alertSettings } from './settings.ts';

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    readSettings(alertSettings, environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

test('without any variable there are the shipped rules, no channel, and the limits of the design', () => {
  expect(readSettings(alertSettings, {})).toEqual({
    ALERT_MAX_AGE_HOURS: 36,
    ALERT_SETTLE_MINUTES: 30,
    ALERT_LIMIT_HOURS: 24,
  });
});

test.each([
  [{ SMTP_URL: 'smtp://host' }, /ALERT_EMAIL_FROM is not set.*ALERT_EMAIL_TO is not set/],
  [{ ALERT_WEBHOOK_URL: 'https://x.test/' }, /ALERT_WEBHOOK_SECRET is not set/],
  [{ ALERT_WEBHOOK_URL: 'https://x.test/', ALERT_WEBHOOK_SECRET: 'short' }, /at least 16/],
  [{ SLACK_WEBHOOK_URL: 'hooks.slack.com/x' }, /http/],
  [{ SMTP_URL: 'https://mail.test' }, /smtps:/],
  [{ TZ: 'Mars/Olympus' }, /Europe\/Berlin/],
  [{ ALERT_MAX_AGE_HOURS: '0' }, /more than 0/],
])('%j is refused with what to do', (environment, expected) => {
  expect(problems(environment).join(' ')).toMatch(expected);
});
