import { expect, test } from '@jest/globals';
import { noticeParts } from './notice-parts.ts';

test('a sentence is cut at the names it speaks of, and nothing of it is lost', () => {
  const text = 'Set A_ID and A_SECRET, then start.';
  const parts = noticeParts(text, ['A_ID', 'A_SECRET']);
  expect(parts.filter(({ isVariable }) => isVariable).map((part) => part.text)).toEqual(['A_ID', 'A_SECRET']);
  expect(parts.map((part) => part.text).join('')).toBe(text);
});

test('what is no name of a setting is no pattern either', () => {
  expect(noticeParts('a.b (c)', ['.', '('])).toEqual([{ text: 'a.b (c)', isVariable: false }]);
});
