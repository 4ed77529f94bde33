import { expect, test } from '@jest/globals';
import { decodeCursor, encodeCursor } from './position.ts';

test('a cursor given back is the position it was made from', () => {
  const position = new Map([
    ['oura.metrics.v1/3', 41],
    ['oura.alerts.v1/3', 0],
  ]);
  expect(decodeCursor(encodeCursor(position))).toEqual(position);
});

test.each([null, '', 'nonsense', 'oura.metrics.v1/3', 'a/b:c', 'a/1:-5', `${'a/1:1,'.repeat(900)}a/1:1`])(
  '%s is no cursor',
  (text) => {
    expect(decodeCursor(text)).toBeNull();
  },
);
