// How what a document was made to say is kept in the ledger. What follows from it is in ledger-diff.test.ts.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { changeOf } from './influx-change.ts';

const message = (days: number, version = 1): MetricsMessage => ({
  user_id: 'u',
  resource: 'daily_activity',
  object_id: 'x',
  document: 'ce',
  version,
  known_at: '2026-11-23T09:00:00Z',
  via: 'poll',
  deleted: false,
  series: [],
  points: Array.from({ length: days }, (_, index) => ({
    metric: `metric_${index}`,
    aggregation: 'total',
    unit: 'count',
    value: index,
    start: `2026-11-0${1 + (index % 9)}`,
  })),
});

const brackets = (payload: Uint8Array) => Buffer.from(payload).toString('latin1', 0, 2);

test('a short document is kept as it is, a long one deflated', () => {
  expect(brackets(changeOf(message(1), undefined).said.payload)).toBe('[{');
  const long = changeOf(message(90), undefined).said.payload;
  expect(long[0]).not.toBe('['.charCodeAt(0));
  expect(brackets(inflateRawSync(long))).toBe('[{');
});

test.each([1, 3, 90])('what %p points said is read back, deflated by an earlier version or not', (count) => {
  const { said } = changeOf(message(count), undefined);
  const json = said.payload[0] === '['.charCodeAt(0) ? said.payload : inflateRawSync(said.payload);
  for (const payload of [said.payload, deflateRawSync(json, { level: 1 }), deflateRawSync(json)]) {
    // The new version says nothing, so the stretch that has to be looked at is what stood there.
    const { span } = changeOf(message(0, 2), { ...said, payload });
    expect(span).toEqual({ first_ms: said.first_ms, last_ms: said.last_ms });
  }
});
