// How records lie in the embedded log comes back exactly: values, headers, limits.
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureKind } from '../failure.ts';
import { decodeHeaders, encodeHeaders } from './header-template.ts';
import { checkRecordSize, maxHeaderBytes, maxPayloadBytes } from './record-limits.ts';
import { asTemplate } from './sqlite-log-writer.ts';
import { decodeValue, deflatedValue, encodeValue, plainValue } from './value-encoding.ts';

test('any value comes back byte for byte', () => {
  const value = fc.oneof(
    fc.uint8Array(),
    fc.string({ minLength: 500, maxLength: 9000 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(value, (bytes) => {
      expect(Buffer.from(decodeValue(encodeValue(bytes)) ?? []).equals(bytes)).toBe(true);
    }),
  );
  expect(decodeValue(encodeValue(null))).toBeNull();
});

test('large text is deflated; small and random values are not', () => {
  const text = Buffer.from(JSON.stringify(Array.from({ length: 1440 }, (_, i) => i % 10)));
  expect(encodeValue(text)).toMatchObject({ encoding: deflatedValue });
  expect(encodeValue(text).value?.byteLength).toBeLessThan(text.byteLength / 2);
  expect(encodeValue(text.subarray(0, 2000)).encoding).toBe(plainValue);
  expect(encodeValue(randomBytes(5000)).encoding).toBe(plainValue);
});

test('a value written by a newer version is not guessed at', () => {
  expect(() => decodeValue({ encoding: 9, value: Buffer.of(1) })).toThrow('unknown encoding 9');
});

test('headers come back as they were, whatever the template says', () => {
  const headers = fc.dictionary(fc.constantFrom('ce_id', 'ce_type', 'content-type', 'x'), fc.string());
  fc.assert(
    fc.property(headers, headers, (first, second) => {
      const template = asTemplate(1, { ...second, ...first });
      const own = {
        ...second,
        ...first,
        ...Object.fromEntries(Object.keys(second).map((name) => [name, `${second[name]}`])),
      };
      const back = decodeHeaders(encodeHeaders(own, template), template);
      expect(back).toEqual(own);
      expect(Object.keys(back)).toEqual(Object.keys(own));
    }),
  );
});

test('what the template says is not stored again', () => {
  const template = asTemplate(1, { ce_type: 'a', ce_id: '1' });
  expect(encodeHeaders({ ce_type: 'a', ce_id: '2' }, template)).toBe('[null,"2"]');
});

const record = { topic: 'facts.v1', partitionKey: 'p', key: 'k', value: new Uint8Array(10), headers: { ce_id: '1' } };

test.each([
  { name: 'a common record', change: {}, isRefused: false },
  { name: 'the largest value', change: { value: new Uint8Array(maxPayloadBytes - 1) }, isRefused: false },
  { name: 'a value one byte larger', change: { value: new Uint8Array(maxPayloadBytes) }, isRefused: true },
  { name: 'headers that are too large', change: { headers: { x: 'ä'.repeat(maxHeaderBytes / 2) } }, isRefused: true },
])('$name is refused: $isRefused', ({ change, isRefused }) => {
  const check = () => checkRecordSize({ ...record, ...change });
  if (!isRefused) return expect(check).not.toThrow();
  let thrown: unknown;
  try {
    check();
  } catch (error) {
    thrown = error;
  }
  expect(failureKind(thrown)).toBe('poison');
  expect(String(thrown)).toMatch('facts.v1');
});
