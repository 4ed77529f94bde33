// Series out of a document: Oura's samples (an interval and its items), and strings with one character per step. Gaps stay null. A hypnogram
// becomes its runs, because a stage is an interval and not a measurement every thirty seconds; the other strings stay regular series.
import { type CodebookName, wordOf } from '../../schemas/metrics/codebooks.ts';
import { formatOffsetTime, type OffsetTime } from '../../schemas/metrics/offset-time.ts';
import type { Sample } from '../../schemas/oura/parts.ts';
import type { ReadingContext } from './reading-context.ts';

/** The items of a sample as numbers and gaps; undefined when it holds no number at all. */
export function sampleValues(
  sample: Sample,
  none: readonly number[],
  field: string,
  context: ReadingContext,
): (number | null)[] | undefined {
  let hasValue = false;
  const values = sample.items.map((item) => {
    if (item === null || item === undefined) return null;
    if (typeof item !== 'number') {
      const what = `${field}.items: expected numbers and null, got ${typeof item}`;
      context.problems.push({ reason: 'unexpected_shape', what });
      return null;
    }
    if (none.includes(item)) return null;
    hasValue = true;
    return item;
  });
  return hasValue ? values : undefined;
}

const digitZero = 48;

/** One number per character, null for one the codebook does not have. */
export function characterValues(
  text: string,
  codebook: CodebookName,
  field: string,
  context: ReadingContext,
): (number | null)[] {
  return Array.from({ length: text.length }, (_, index) => {
    const value = text.charCodeAt(index) - digitZero;
    if (wordOf(codebook, value) !== undefined) return value;
    context.unknownWords.add(`${field}=${text[index]}`);
    return null;
  });
}

export interface Run {
  start: string;
  end: string;
  value: number;
}

/** Joins equal neighbours; nothing reaches beyond `endMs`. */
export function runsOf(values: readonly (number | null)[], start: OffsetTime, stepS: number, endMs: number): Run[] {
  const at = (index: number) => Math.min(start.ms + index * stepS * 1000, endMs);
  const text = (ms: number) => formatOffsetTime(ms, start.offsetMinutes);
  const runs: Run[] = [];
  let from = 0;
  for (let index = 1; index <= values.length; index += 1) {
    const value = values[from];
    if (index < values.length && values[index] === value) continue;
    if (value !== null && value !== undefined && at(from) < at(index)) {
      runs.push({ start: text(at(from)), end: text(at(index)), value });
    }
    from = index;
  }
  return runs;
}

/** The items that begin before `endMs`. */
export const clipped = (values: (number | null)[], startMs: number, stepS: number, endMs: number): (number | null)[] =>
  values.slice(0, Math.max(0, Math.ceil((endMs - startMs) / (stepS * 1000))));
