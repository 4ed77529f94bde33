import { expect, test } from '@jest/globals';
import { sleep } from '../../../test/support/alert-messages.ts';
import { newestOffset, offsetAt, zoneOffset } from './decide-local-time.ts';
import { quietUntilMs } from './decide-quiet.ts';

const berlin = (atMs: number) => zoneOffset('Europe/Berlin', atMs);
const night = { from: '22:00', to: '08:00' };
const until = (at: string, quiet: typeof night | null = night, offset = berlin) =>
  new Date(quietUntilMs(quiet, offset, Date.parse(at))).toISOString();

test.each([
  ['21:59 in Berlin goes out', '2026-11-23T20:59:59Z', '2026-11-23T20:59:59.000Z'],
  ['22:00 waits for the morning', '2026-11-23T21:00:00Z', '2026-11-24T07:00:00.000Z'],
  ['after midnight waits for the same morning', '2026-11-24T02:30:00Z', '2026-11-24T07:00:00.000Z'],
  ['07:59 waits a minute', '2026-11-24T06:59:00Z', '2026-11-24T07:00:00.000Z'],
  ['08:00 goes out', '2026-11-24T07:00:00Z', '2026-11-24T07:00:00.000Z'],
  // Summer time ends on 2026-10-25 at 03:00: the night has an hour more.
  ['the long night of autumn ends at 08:00 winter time', '2026-10-24T20:30:00Z', '2026-10-25T07:00:00.000Z'],
  ['the doubled hour is inside the night', '2026-10-25T01:30:00Z', '2026-10-25T07:00:00.000Z'],
  // It begins on 2026-03-29 at 02:00: the night has an hour less.
  ['the short night of spring ends at 08:00 summer time', '2026-03-28T21:30:00Z', '2026-03-29T06:00:00.000Z'],
])('%s', (_name, at, expected) => {
  expect(until(at)).toBe(expected);
});

test('hours inside one day, the same hour twice, and none at all', () => {
  const noon = { from: '12:00', to: '14:00' };
  expect(until('2026-11-23T12:00:00Z', noon)).toBe('2026-11-23T13:00:00.000Z');
  expect(until('2026-11-23T13:00:00Z', noon)).toBe('2026-11-23T13:00:00.000Z');
  expect(until('2026-11-23T03:00:00Z', { from: '08:00', to: '08:00' })).toBe('2026-11-23T03:00:00.000Z');
  expect(until('2026-11-23T03:00:00Z', null)).toBe('2026-11-23T03:00:00.000Z');
});

test('a traveller’s night is where the ring is, home has the summer time of its zone', () => {
  const inTokyo = { minutes: 540, atMs: Date.parse('2026-11-22T22:00:00Z') };
  const atHome = { minutes: 120, atMs: Date.parse('2026-10-24T04:00:00Z') };
  const nowMs = Date.parse('2026-10-26T12:00:00Z');
  expect(offsetAt(inTokyo, 'Europe/Berlin', Date.parse('2026-11-23T12:00:00Z'))).toBe(540);
  expect(offsetAt(atHome, 'Europe/Berlin', nowMs)).toBe(60);
  expect(offsetAt(undefined, 'Europe/Berlin', nowMs)).toBe(60);
  expect(zoneOffset('America/St_Johns', nowMs)).toBe(-150);
  expect(zoneOffset('UTC', nowMs)).toBe(0);
});

test('only what carries the wearer’s offset tells it, and only what is newer', () => {
  const night = (from: string) => sleep({ id: 's', day: '2026-11-23', from, to: undefined, hours: 7 });
  const tokyo = newestOffset(undefined, night('2026-11-22T23:00:00+09:00'));
  expect(tokyo).toEqual({ minutes: 540, atMs: Date.parse('2026-11-22T14:00:00Z') });
  expect(newestOffset(tokyo, night('2026-11-20T23:00:00+01:00'))).toBe(tokyo);
  expect(newestOffset(tokyo, night('2026-11-23T23:00:00Z'))).toBe(tokyo);
  expect(newestOffset(tokyo, night('2026-11-23T23:00:00-03:30'))?.minutes).toBe(-210);
  expect(newestOffset(tokyo, { ...night('2026-11-23T23:00:00+01:00'), resource: 'daily_sleep' })).toBe(tokyo);
});
