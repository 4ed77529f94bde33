// What has to be written and deleted so that an engine that keeps one value per identity says what the documents now say. Pure. It looks at the
// documents that change and at those that share their stretch of time, because two documents may say one identity and only one of them stands there.
// What a crash may have left half written is taken as possibly there: it is written again or deleted.
import { lineOf, type SeriesTags, seriesKey, tagsOf } from './influx-lines.ts';
import type { StoredPoint } from './metric-store.ts';
import { placementMs } from './placement.ts';
import { supersedes } from './point-order.ts';

export interface ChangedDocument {
  /** What the engine says of it. */
  before: readonly StoredPoint[];
  /** What it may say, since an earlier attempt did not end. */
  maybe: readonly StoredPoint[];
  after: readonly StoredPoint[];
}

/** A stretch of one series in which nothing may remain. */
export interface DeletedRange extends SeriesTags {
  metric: string;
  /** Both inclusive. */
  firstMs: number;
  lastMs: number;
}

export interface LedgerDiff {
  lines: string[];
  ranges: DeletedRange[];
}

interface Standing {
  point: StoredPoint;
  ms: number;
  series: string;
}

const standing = (point: StoredPoint): Standing => ({ point, ms: placementMs(point.start), series: seriesKey(point) });

const identity = ({ point, ms }: Standing): string =>
  `${point.user}\n${point.metric}\n${point.aggregation}\n${point.resource}\n${point.context ?? ''}\n${ms}`;

/** Of several points of one identity the one that counts. */
function winners(points: readonly Standing[]): Map<string, Standing> {
  const won = new Map<string, Standing>();
  for (const candidate of points) {
    const key = identity(candidate);
    const other = won.get(key);
    if (!other || supersedes(candidate.point, other.point)) won.set(key, candidate);
  }
  return won;
}

/** `neighbours` are all other documents with points between the first and last point of a changed one. */
export function ledgerDiff(
  changed: readonly ChangedDocument[],
  neighbours: readonly (readonly StoredPoint[])[],
): LedgerDiff {
  const around = neighbours.flat().map(standing);
  const documents = changed.map(({ before, maybe, after }) => ({
    before: before.map(standing),
    maybe: maybe.map(standing),
    after: after.map(standing),
  }));
  const wonBefore = winners([...documents.flatMap(({ before }) => before), ...around]);
  const wonAfter = winners([...documents.flatMap(({ after }) => after), ...around]);
  const uncertain = new Set(documents.flatMap(({ maybe }) => maybe.map(identity)));
  const affected = documents.flatMap(({ before, maybe, after }) => [...before, ...maybe, ...after].map(identity));
  const lines: string[] = [];
  for (const key of new Set(affected)) {
    const next = wonAfter.get(key);
    const last = wonBefore.get(key);
    if (!next) continue;
    const line = lineOf(next.point);
    if (uncertain.has(key) || !last || lineOf(last.point) !== line) lines.push(line);
  }
  const remaining = timesBySeries([...wonAfter.values()]);
  // What stood at one of its places may be another document's, in another series if the unit changed.
  const ranges = documents.flatMap(({ before, maybe, after }) => {
    const stood = [...before, ...maybe, ...after].flatMap((one) => wonBefore.get(identity(one)) ?? []);
    const gone = [...new Set(stood), ...maybe].filter(({ series, ms }) => !remaining.get(series)?.has(ms));
    return rangesOf(gone, remaining);
  });
  return { lines, ranges };
}

function timesBySeries(points: readonly Standing[]): Map<string, Set<number>> {
  const times = new Map<string, Set<number>>();
  for (const { series, ms } of points) {
    const known = times.get(series);
    if (known) known.add(ms);
    else times.set(series, new Set([ms]));
  }
  return times;
}

/** Neighbouring times of one series in the stretch of one document become one range where nothing that remains lies between. */
function rangesOf(gone: readonly Standing[], remaining: ReadonlyMap<string, ReadonlySet<number>>): DeletedRange[] {
  const ranges: DeletedRange[] = [];
  for (const [series, points] of Map.groupBy(gone, (point) => point.series)) {
    const kept = [...(remaining.get(series) ?? [])].sort((a, b) => a - b);
    let open: DeletedRange | undefined;
    for (const { point, ms } of points.toSorted((a, b) => a.ms - b.ms)) {
      const from = open?.lastMs ?? ms;
      if (open && !kept.some((time) => time > from && time < ms)) open.lastMs = ms;
      else {
        open = { metric: point.metric, ...tagsOf(point), firstMs: ms, lastMs: ms };
        ranges.push(open);
      }
    }
  }
  return ranges;
}
