import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutDocuments } from '../versions/cut-documents.ts';
import { MalformedJson } from '../versions/json-spans.ts';
import { hourDocuments } from './hour-documents.ts';

const at = (text: string) => Date.parse(text);
const window = { fromMs: at('2026-11-23T07:00:00Z'), toMs: at('2026-11-23T09:00:00Z') };
const rowsOf = (...texts: string[]) => cutDocuments(new TextEncoder().encode(`[${texts.join(',')}]`)).documents;
const row = (time: string, bpm = 60) => `{"timestamp": "${time}","bpm":${bpm}, "source":"rest"}`;
const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test('rows become one document per UTC hour, each row verbatim, in the order of their time', () => {
  const early = row('2026-11-23T07:05:00+00:00');
  const late = row('2026-11-23T08:10:00+01:00', 61);
  const next = row('2026-11-23T08:00:00.000Z');
  const hours = hourDocuments(rowsOf(next, late, early), window);
  expect(hours.map(({ objectId, rowCount }) => [objectId, rowCount])).toEqual([
    ['2026-11-23T07', 2],
    ['2026-11-23T08', 1],
  ]);
  expect(decode(hours[0]?.bytes)).toBe(`[${early},${late}]`);
  expect(hours[0]?.value).toEqual(JSON.parse(decode(hours[0]?.bytes)));
});

test('an hour that the window does not cover whole is not made', () => {
  const narrow = { fromMs: at('2026-11-23T06:30:00Z'), toMs: at('2026-11-23T08:30:00Z') };
  const rows = rowsOf(
    row('2026-11-23T06:45:00Z'),
    row('2026-11-23T07:45:00Z'),
    row('2026-11-23T08:15:00Z'),
    row('2026-11-23T09:00:00Z'),
  );
  expect(hourDocuments(rows, narrow).map(({ objectId }) => objectId)).toEqual(['2026-11-23T07']);
});

test('a row without a time is malformed', () => {
  expect(() => hourDocuments(rowsOf('{"bpm":60}'), window)).toThrow(MalformedJson);
  expect(() => hourDocuments(rowsOf('{"timestamp":"noon","bpm":60}'), window)).toThrow(MalformedJson);
});

test('neither the order of the rows nor rows that came twice change an hour', () => {
  const times = fc.integer({ min: 0, max: 7_199 }).map((s) => new Date(window.fromMs + s * 1000).toISOString());
  const rows = fc.array(
    fc.tuple(times, fc.integer({ min: 40, max: 45 })).map(([time, bpm]) => row(time, bpm)),
    { maxLength: 30 },
  );
  const shuffled = rows.chain((texts) =>
    fc.tuple(fc.constant(texts), fc.shuffledSubarray([...texts, ...texts], { minLength: texts.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([texts, doubled]) => {
      const hours = hourDocuments(rowsOf(...texts), window);
      expect(hourDocuments(rowsOf(...doubled), window)).toEqual(hours);
      expect(hours.reduce((sum, hour) => sum + hour.rowCount, 0)).toBe(new Set(texts).size);
    }),
  );
});
