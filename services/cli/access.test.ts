import { expect, test } from '@jest/globals';
import { refusalOf } from './access.ts';

test('what a server says when it says no is told as a sentence', () => {
  const error = { code: 'no_such_dead_letter', message: 'There is no dead letter x (any more).', hint: 'List them.' };
  expect(refusalOf(404, JSON.stringify({ error }))).toBe('There is no dead letter x (any more). List them.');
  expect(refusalOf(409, JSON.stringify({ error: { message: 'No.' } }))).toBe('No.');
});

test('an answer that is not ours is shown as it is, in short', () => {
  expect(refusalOf(502, '<html>Bad gateway')).toBe('502 <html>Bad gateway');
});
