import { expect, test } from '@jest/globals';
import { pointOf } from './example-ring.ts';
import { wearerClock } from './wearer-clock.ts';

const nowMs = Date.parse('2026-11-23T23:30:00Z');
const sleep = (start: string, utcOffsetMinutes: number | null) =>
  pointOf({ resource: 'sleep', metric: 'sleep_session', start, utcOffsetMinutes, value: 1 });

test.each([
  ['east of UTC it is tomorrow already', [sleep('2026-11-22T23:00:00+01:00', 60)], '2026-11-24', 60],
  ['west of UTC it is still today', [sleep('2026-11-22T23:00:00-08:00', -480)], '2026-11-23', -480],
  [
    'the newest offset counts, whatever the order',
    [sleep('2026-11-22T23:00:00-08:00', -480), sleep('2026-11-20T23:00:00+01:00', 60)],
    '2026-11-23',
    -480,
  ],
])('%s', (_, points, day, minutes) => {
  expect(wearerClock(points, nowMs)).toEqual({ day, utc_offset_minutes: minutes, offset_known: true });
});

test('rows that Oura only gives in UTC tell no offset', () => {
  const row = pointOf({
    resource: 'heartrate',
    metric: 'heart_rate',
    start: '2026-11-23T22:00:00Z',
    utcOffsetMinutes: 0,
    value: 60,
  });
  expect(wearerClock([row], nowMs).offset_known).toBe(false);
});
