// Several streams of rows, each ordered by the first point of its rows, as one such stream. Asked for ten metrics, ten walks along the index of one
// metric each beat one walk over everything.
import type { FullRow } from './merge-rows.ts';

interface Stream {
  rows: readonly FullRow[];
  index: number;
  more: AsyncIterator<readonly FullRow[]>;
}

const first = (stream: Stream): FullRow | undefined => stream.rows[stream.index];

async function nextPage(more: Stream['more']): Promise<readonly FullRow[]> {
  const { done, value } = await more.next();
  return done ? [] : value;
}

export async function* mergePages(streams: readonly AsyncIterable<readonly FullRow[]>[]): AsyncGenerator<FullRow[]> {
  const open: Stream[] = [];
  for (const stream of streams) {
    const more = stream[Symbol.asyncIterator]();
    open.push({ rows: await nextPage(more), index: 0, more });
  }
  for (;;) {
    const earliest = open.reduce<Stream | undefined>((best, stream) => {
      const [row, bestRow] = [first(stream), best && first(best)];
      return row && (!bestRow || row.first_ms < bestRow.first_ms) ? stream : best;
    }, undefined);
    const row = earliest && first(earliest);
    if (!row) return;
    yield [row];
    earliest.index += 1;
    if (earliest.index === earliest.rows.length) {
      earliest.rows = await nextPage(earliest.more);
      earliest.index = 0;
    }
  }
}
