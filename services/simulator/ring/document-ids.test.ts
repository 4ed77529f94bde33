import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { documentId, readDocumentId } from './document-ids.ts';

const scope = { seed: 1, ouraUserId: 'ann', resource: 'sleep' };

test('an id looks like a UUID and says its day and ordinal to whoever knows the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 255 }), (day, ordinal) => {
      const id = documentId(scope, day, ordinal);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(readDocumentId(scope, id)).toEqual({ day, ordinal });
    }),
  );
});

test('an id of another person, resource or seed is none of ours, nor is anything else', () => {
  const id = documentId(scope, 20_500, 2);
  expect(readDocumentId({ ...scope, ouraUserId: 'bob' }, id)).toBeNull();
  expect(readDocumentId({ ...scope, resource: 'workout' }, id)).toBeNull();
  expect(readDocumentId({ ...scope, seed: 2 }, id)).toBeNull();
  for (const other of ['', 'sleep-0-2026-7-3', '2-5daccc095220cc5493a4e9c2b681ca941e', '../../etc/passwd']) {
    expect(readDocumentId(scope, other)).toBeNull();
  }
});

test('ids of a year of two people never meet', () => {
  const ids = new Set<string>();
  for (const ouraUserId of ['ann', 'bob']) {
    for (let day = 20_000; day < 20_365; day += 1)
      for (let n = 0; n < 8; n += 1) ids.add(documentId({ ...scope, ouraUserId }, day, n));
  }
  expect(ids.size).toBe(2 * 365 * 8);
});
