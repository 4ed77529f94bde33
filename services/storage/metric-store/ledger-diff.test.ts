import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aloneAmong } from './influx-change.ts';
import { lineOf } from './influx-lines.ts';
import { type ChangedDocument, ledgerDiff } from './ledger-diff.ts';
import type { StoredPoint } from './metric-store.ts';
import { placementMs } from './placement.ts';
import { supersedes } from './point-order.ts';

interface Said {
  document: number;
  version: number;
  minute: number;
  value: number;
  unit?: string;
}

const point = ({ document, version, minute, value, unit = 's' }: Said): StoredPoint => ({
  user: 'u',
  metric: 'm',
  aggregation: 'a',
  resource: 'sleep',
  context: null,
  start: new Date(minute * 60_000).toISOString(),
  end: null,
  day: null,
  utcOffsetMinutes: null,
  value,
  unit,
  text: null,
  document: `sleep/${document}`,
  version,
  firstSeen: new Date((10 - document) * 1000 + version).toISOString(),
  algorithm: null,
});

/** An engine that keeps the last line per series and time, and to begin with says what counts of these points. */
function engineWith(points: readonly StoredPoint[]) {
  const kept = new Map<string, string>();
  const keyOf = (line: string) => `${line.slice(0, line.indexOf(' '))} ${line.slice(line.lastIndexOf(' ') + 1)}`;
  const write = (line: string) => kept.set(keyOf(line), line);
  for (const line of standing(points)) write(line);
  return {
    write: (one: StoredPoint) => write(lineOf(one)),
    apply({ lines, ranges }: ReturnType<typeof ledgerDiff>) {
      for (const line of lines) write(line);
      for (const { unit, firstMs, lastMs } of ranges) {
        for (const key of kept.keys()) {
          const ms = Number(key.slice(key.lastIndexOf(' ') + 1));
          if (key.includes(`unit=${unit},`) && ms >= firstMs && ms <= lastMs) kept.delete(key);
        }
      }
    },
    lines: () => [...kept.values()].sort(),
  };
}

/** What has to stand: of each minute the point that counts. */
function standing(points: readonly StoredPoint[]): string[] {
  const won = new Map<number, StoredPoint>();
  for (const candidate of points) {
    const other = won.get(placementMs(candidate.start));
    if (!other || supersedes(candidate, other)) won.set(placementMs(candidate.start), candidate);
  }
  return [...won.values()].map(lineOf).sort();
}

const minutes = fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 8 });

test('whatever stood there, afterwards exactly what counts stands there', () => {
  const document = fc.record({
    before: minutes,
    maybe: minutes,
    after: minutes,
    arrived: minutes,
    unit: fc.constantFrom('s', 'min'),
  });
  fc.assert(
    fc.property(
      fc.array(document, { minLength: 1, maxLength: 3 }),
      fc.array(minutes, { maxLength: 2 }),
      (documents, others) => {
        const of = (name: number, version: number, at: readonly number[], unit = 's') =>
          at.map((minute) => point({ document: name, version, minute, value: name * 100 + version, unit }));
        const neighbours = others.map((at, index) => of(7 + index, 1, at));
        const changed = documents.map(
          ({ before, maybe, after, unit }, index): ChangedDocument => ({
            before: of(index, 1, before),
            maybe: of(index, 2, maybe),
            after: of(index, 3, after, unit),
          }),
        );
        // Of the attempt that did not end any part may have arrived.
        const arrived = documents.flatMap((told, index) =>
          of(
            index,
            2,
            told.maybe.filter((minute) => told.arrived.includes(minute)),
          ),
        );
        const engine = engineWith([...changed.flatMap(({ before }) => before), ...neighbours.flat()]);
        for (const one of arrived) engine.write(one);
        engine.apply(ledgerDiff(changed, neighbours));
        expect(engine.lines()).toEqual(standing([...changed.flatMap(({ after }) => after), ...neighbours.flat()]));
      },
    ),
    { numRuns: 500 },
  );
});

test('what has not changed is not written, and neighbouring points go in one range', () => {
  const before = [0, 1, 2, 3, 4, 5].map((minute) => point({ document: 0, version: 1, minute, value: 1 }));
  const after = before.filter((_, index) => index === 1);
  const { lines, ranges } = ledgerDiff([{ before, maybe: [], after }], []);
  expect(lines).toEqual([]);
  expect(ranges.map(({ firstMs, lastMs }) => [firstMs / 60_000, lastMs / 60_000])).toEqual([
    [0, 0],
    [2, 5],
  ]);
});

test('a document is alone exactly when no other has points in its stretch', () => {
  const span = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 8 }));
  fc.assert(
    fc.property(fc.array(fc.option(span), { maxLength: 10 }), (spans) => {
      const documents = spans.map((told, index) => ({
        user_id: 'u',
        resource: 'sleep',
        object_id: String(index),
        first_ms: told ? told[0] : null,
        last_ms: told ? told[0] + told[1] : null,
      }));
      const isAlone = aloneAmong(documents);
      for (const one of documents) {
        const overlaps = documents.some(
          (other) =>
            other !== one &&
            one.first_ms !== null &&
            other.first_ms !== null &&
            one.first_ms <= (other.last_ms ?? 0) &&
            other.first_ms <= (one.last_ms ?? 0),
        );
        expect(isAlone(one)).toBe(!overlaps);
      }
    }),
  );
});
