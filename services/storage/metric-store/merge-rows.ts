// Packed rows, which come ordered by their first point, as points in the order of `comparePoints`. Rows overlap (a day of METs, the nights in
// it), so a heap holds the rows that are open; it never holds more than what overlaps. Of points with one identity one is given.
import type { StoredPoint } from './metric-store.ts';
import type { PackedRow } from './pack-message.ts';
import { compareDimensions, supersedes } from './point-order.ts';
import { type DocumentFacts, pointsOf, type RowPoint, storedPoint } from './unpack-row.ts';

export type FullRow = PackedRow & DocumentFacts;

interface OpenRow {
  row: FullRow;
  points: readonly RowPoint[];
  index: number;
  /** Where its next point stands. */
  ms: number;
}

const isBefore = (a: OpenRow, b: OpenRow): boolean =>
  a.ms !== b.ms ? a.ms < b.ms : compareDimensions(a.row, b.row) < 0;

/** A binary heap of open rows, the earliest on top. */
function createHeap() {
  const heap: OpenRow[] = [];
  const at = (index: number): OpenRow | undefined => heap[index];
  const sink = (): void => {
    let index = 0;
    const item = heap[0];
    if (!item) return;
    for (;;) {
      const left = at(2 * index + 1);
      const right = at(2 * index + 2);
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!child || !isBefore(child, item)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = item;
  };
  return {
    top: () => heap[0],
    push(item: OpenRow): void {
      let index = heap.push(item) - 1;
      while (index > 0) {
        const parentIndex = (index - 1) >> 1;
        const parent = at(parentIndex);
        if (!parent || !isBefore(item, parent)) break;
        heap[index] = parent;
        index = parentIndex;
      }
      heap[index] = item;
    },
    /** The top has moved on to its next point, or is used up. */
    next(): void {
      const top = heap[0];
      if (!top) return;
      top.index += 1;
      const point = top.points[top.index];
      if (point) top.ms = point.ms;
      else {
        const last = heap.pop();
        if (last && last !== top) heap[0] = last;
      }
      sink();
    },
  };
}

/** One point on its way out, written only when it is taken. */
export interface MergedPoint {
  row: FullRow;
  point: RowPoint;
}

const isOneIdentity = (a: MergedPoint, b: MergedPoint): boolean =>
  a.point.ms === b.point.ms && compareDimensions(a.row, b.row) === 0;

const provenance = ({ row }: MergedPoint) => ({
  firstSeen: row.known_at,
  version: row.version,
  document: `${row.resource}/${row.object_id}`,
});

/** `pages` are rows of one person, ordered by `first_ms` over all pages. Yields points in batches, in order. */
export async function* mergeRows(pages: AsyncIterable<readonly FullRow[]>): AsyncIterable<MergedPoint[]> {
  const heap = createHeap();
  let held: MergedPoint | undefined;
  /** Takes all points before `untilMs` off the heap. */
  const drain = (untilMs: number): MergedPoint[] => {
    const batch: MergedPoint[] = [];
    for (let top = heap.top(); top && top.ms < untilMs; top = heap.top()) {
      const point = top.points[top.index];
      if (point) {
        const merged = { row: top.row, point };
        if (!held) held = merged;
        else if (!isOneIdentity(held, merged)) {
          batch.push(held);
          held = merged;
        } else if (supersedes(provenance(merged), provenance(held))) held = merged;
      }
      heap.next();
    }
    return batch;
  };
  for await (const page of pages) {
    for (const row of page) {
      const batch = drain(row.first_ms);
      if (batch.length > 0) yield batch;
      const points = pointsOf(row);
      const first = points[0];
      if (first) heap.push({ row, points, index: 0, ms: first.ms });
    }
  }
  const rest = drain(Number.POSITIVE_INFINITY);
  if (held) rest.push(held);
  if (rest.length > 0) yield rest;
}

export const written = ({ row, point }: MergedPoint): StoredPoint => storedPoint(row, row, point);
