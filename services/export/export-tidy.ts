// `export --format tidy`: which points, from which store, in which form. The command and the HTTP route hand in the parts and write the text.
import type { MetricStore, StoredPoint } from '../storage/metric-store/metric-store.ts';
import { type AsOfParts, fillAsOf } from './as-of.ts';
import { type RangeText, readRange } from './range.ts';
import { type TidyFormat, writeTidy } from './tidy.ts';

export interface TidyOptions extends RangeText {
  user?: string | undefined;
  format?: TidyFormat;
  /** Only what was known at this time, milliseconds. */
  asOfMs?: number | undefined;
  onRows?: (rows: number) => void;
}

export interface TidyParts extends Pick<AsOfParts, 'archive' | 'normalize'> {
  metricStore: MetricStore;
  /** An empty store for `asOfMs`, closed here. */
  openScratch(): Promise<MetricStore>;
}

/** The table as chunks of text. @throws RangeError for a range that cannot be read, before the first chunk */
export async function* exportTidy(parts: TidyParts, options: TidyOptions = {}): AsyncGenerator<string> {
  const range = readRange(options);
  const { asOfMs, user } = options;
  const scratch = asOfMs === undefined ? undefined : await parts.openScratch();
  try {
    if (scratch && asOfMs !== undefined) await fillAsOf({ ...parts, scratch }, { asOfMs, user });
    const points = (scratch ?? parts.metricStore).query({
      ...(user !== undefined && { user }),
      ...(range.fromMs !== undefined && { fromMs: range.fromMs }),
      ...(range.toMs !== undefined && { toMs: range.toMs }),
    });
    yield* writeTidy(only(points, range.includes), options.format ?? 'ndjson', options.onRows);
  } finally {
    await scratch?.close();
  }
}

async function* only(points: AsyncIterable<StoredPoint>, isMeant: (point: StoredPoint) => boolean) {
  for await (const point of points) if (isMeant(point)) yield point;
}
