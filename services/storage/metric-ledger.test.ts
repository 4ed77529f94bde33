import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openTestStore } from '../../test/support/databases.ts';
import {
  eraseFromLedger,
  type LedgerEntry,
  loadEntries,
  loadOverlapping,
  type Span,
  saveEntries,
} from './metric-ledger.ts';

const dayMs = 24 * 60 * 60 * 1000;
const bytes = new Uint8Array([1]);

function entryOf(user_id: string, index: number, stretch: { fromDay: number; days: number } | null): LedgerEntry {
  const first_ms = stretch && Math.round(stretch.fromDay * dayMs);
  return {
    user_id,
    resource: index % 3 === 0 ? 'tag' : 'sleep',
    object_id: `document-${index}`,
    version: 1,
    known_at: '2026-11-01T00:00:00.000Z',
    day: null,
    algorithm: null,
    first_ms,
    last_ms: stretch && Math.round((stretch.fromDay + stretch.days) * dayMs),
    payload: bytes,
    pending: null,
  };
}

const spanOf = ({ user_id, resource, object_id, first_ms, last_ms }: LedgerEntry): Span[] =>
  first_ms === null || last_ms === null ? [] : [{ user_id, resource, object_id, firstMs: first_ms, lastMs: last_ms }];

const isNeighbour = (entry: LedgerEntry, span: Span): boolean =>
  entry.user_id === span.user_id &&
  entry.resource === span.resource &&
  entry.object_id !== span.object_id &&
  entry.first_ms !== null &&
  entry.last_ms !== null &&
  entry.first_ms <= span.lastMs &&
  entry.last_ms >= span.firstMs;

const names = (entries: readonly LedgerEntry[]) => entries.map(({ object_id }) => object_id).sort();

const stretch = fc.record({
  fromDay: fc.integer({ min: 0, max: 40 * 24 }).map((hour) => hour / 24),
  // Points, nights, a little above and below the length that has an index of its own, weeks.
  days: fc.constantFrom(0, 0.3, 1.999, 2, 2.001, 9, 30),
});

test('the neighbours of documents are all that share their stretch of time, however long they are', async () => {
  const store = await openTestStore();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(stretch), { minLength: 1, maxLength: 25 }), async (stretches) => {
      const entries = stretches.map((one, index) => entryOf('anna', index, one));
      const others = entries.map((entry) => ({ ...entry, user_id: 'ben' }));
      await store.transaction((tx) => saveEntries(tx, [...entries, ...others]));
      for (const asked of [entries.slice(0, 1), entries]) {
        const spans = asked.flatMap(spanOf);
        const expected = entries.filter((entry) => spans.some((span) => isNeighbour(entry, span)));
        expect(names(await loadOverlapping(store.read, spans))).toEqual(names(expected));
      }
      await store.transaction(async (tx) => {
        for (const user of ['anna', 'ben']) await eraseFromLedger(tx, user);
      });
    }),
    { numRuns: 60 },
  );
  await store.close();
});

test('entries are found by name, those of thousands too', async () => {
  const store = await openTestStore();
  const entries = Array.from({ length: 2_300 }, (_, index) => entryOf('anna', index, { fromDay: index, days: 0 }));
  await store.transaction((tx) => saveEntries(tx, entries));
  const unknown = { ...entryOf('anna', 9_999, null), user_id: 'nobody' };
  expect(names(await loadEntries(store.read, [...entries, unknown]))).toEqual(names(entries));
  expect(await loadEntries(store.read, [])).toEqual([]);
  expect(await loadOverlapping(store.read, entries.flatMap(spanOf))).toEqual([]);
  await store.close();
});
