import { expect, test } from '@jest/globals';
import { exampleNowMs, type NightFields, nightPoints } from './example-ring.ts';
import { mainSleeps, otherSleeps, provisionalOf, sleepDocuments } from './sleep-periods.ts';

const day = '2026-11-23';
const hourS = 3600;
const sleepsOf = (...nights: Omit<NightFields, 'day'>[]) =>
  sleepDocuments(nights.flatMap((night) => nightPoints({ day, ...night }, { curves: false })));

const long = { document: 'sleep/long', type: 'long_sleep', durationS: 7 * hourS };
const second = {
  document: 'sleep/second',
  type: 'long_sleep',
  durationS: 3.2 * hourS,
  start: '2026-11-23T07:30:00+01:00',
};
const nap = { document: 'sleep/nap', type: 'sleep', durationS: 1 * hourS, start: '2026-11-23T14:00:00+01:00' };

test.each([
  ['the only long sleep', [long], 'sleep/long'],
  ['the longest of a split night', [second, long], 'sleep/long'],
  ['the long sleep and never a longer nap', [{ ...nap, durationS: 9 * hourS }, long], 'sleep/long'],
  ['a sleep without a type of three hours and more', [{ ...long, type: null }], 'sleep/long'],
  [
    'a night that still lasts, although it has no type yet',
    [{ ...long, type: null, durationS: 600, end: null }],
    'sleep/long',
  ],
  ['nothing, when there was only a nap', [nap], undefined],
  ['nothing, when the wearer deleted it', [{ ...long, type: 'deleted' }], undefined],
  ['nothing, when the wearer rejected it', [{ ...long, type: 'rest' }], undefined],
])('the main sleep is %s', (_, nights, expected) => {
  expect(mainSleeps(sleepsOf(...nights)).get(day)?.document).toBe(expected);
});

test('a split night lists its other part before the naps, and no rejected sleep', () => {
  const sleeps = sleepsOf(nap, long, { ...nap, document: 'sleep/rejected', type: 'rest' }, second);
  const main = mainSleeps(sleeps).get(day);
  expect(otherSleeps(sleeps, main, day).map(({ document }) => document)).toEqual(['sleep/second', 'sleep/nap']);
});

test.each([
  ['while it lasts', { end: null }, { reason: 'in_progress', until: null }],
  [
    'for half an hour after its newest version',
    { firstSeen: '2026-11-23T06:40:00Z' },
    { reason: 'settling', until: '2026-11-23T07:10:00.000Z' },
  ],
  ['no longer when half an hour has passed', { firstSeen: '2026-11-23T06:32:00Z' }, null],
])('a night is provisional %s', (_, night, expected) => {
  const [sleep] = sleepsOf({ ...long, ...night });
  expect(sleep && provisionalOf(sleep, exampleNowMs)).toEqual(expected);
});
