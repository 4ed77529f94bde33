// Series out of a document: Oura's samples (an interval and its items), and strings with one character per step. Gaps stay null. A hypnogram
// becomes its runs, because a stage is an interval and not a measurement every thirty seconds; the other strings stay regular series.
import { type CodebookName, wordOf } from '../../schemas/metrics/codebooks.ts';
import { formatOffsetTime, type OffsetTime } from '../../schemas/metrics/offset-time.ts';
import type { Sample } from '../../schemas/oura/parts.ts';
import type { ReadingContext } from './reading-context.ts';

/** The items of a sample as numbers and gaps; undefined when it holds no number at all. A clean list is taken as it is: a day has 1,440. */
export function sampleValues(
  sample: Sample,
  none: readonly number[],
  field: string,
  context: ReadingContext,
): (number | null)[] | undefined {
  let count = 0;
  let isClean = true;
  for (const item of sample.items) {
    if (typeof item === 'number') {
      if (none.length > 0 && none.includes(item)) isClean = false;
      else count += 1;
    } else if (item !== null) {
      const what = `${field}.items: expected numbers and null, got ${typeof item}`;
      context.problems.push({ reason: 'unexpected_shape', what });
    }
  }
  if (count === 0) return undefined;
  const items = sample.items as (number | null)[];
  return isClean ? items : items.map((item) => (item !== null && none.includes(item) ? null : item));
}

const digitZero = 48;

/** One number per character, null for one the codebook does not have. */
export function characterValues(
  text: string,
  codebook: CodebookName,
  field: string,
  context: ReadingContext,
): (number | null)[] {
  const isListed = listedDigits(codebook);
  const values: (number | null)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const value = text.charCodeAt(index) - digitZero;
    const isKnown = isListed[value] === true;
    if (!isKnown) context.unknownWords.push(`${field}=${text[index]}`);
    values.push(isKnown ? value : null);
  }
  return values;
}

const listed = new Map<CodebookName, readonly boolean[]>();

/** Which digits a codebook has, by their number. */
function listedDigits(codebook: CodebookName): readonly boolean[] {
  const known = listed.get(codebook) ?? Array.from({ length: 10 }, (_, digit) => wordOf(codebook, digit) !== undefined);
  listed.set(codebook, known);
  return known;
}

export interface Run {
  start: string;
  end: string;
  value: number;
  /** Oura's word for the value. */
  text: string | undefined;
}

interface Steps {
  start: OffsetTime;
  stepS: number;
  /** Nothing reaches beyond it. */
  endMs: number;
  codebook: CodebookName;
}

/** Joins equal neighbours; a gap is no run. */
export function runsOf(values: readonly (number | null)[], { start, stepS, endMs, codebook }: Steps): Run[] {
  const runs: Run[] = [];
  let fromMs = Math.min(start.ms, endMs);
  let from = formatOffsetTime(fromMs, start.offsetMinutes);
  for (let index = 1; index <= values.length; index += 1) {
    const value = values[index - 1] ?? null;
    if (index < values.length && (values[index] ?? null) === value) continue;
    const toMs = Math.min(start.ms + index * stepS * 1000, endMs);
    const to = formatOffsetTime(toMs, start.offsetMinutes);
    if (value !== null && fromMs < toMs) runs.push({ start: from, end: to, value, text: wordOf(codebook, value) });
    [fromMs, from] = [toMs, to];
  }
  return runs;
}

/** The items that begin before `endMs`. */
export const clipped = (values: (number | null)[], startMs: number, stepS: number, endMs: number): (number | null)[] =>
  values.slice(0, Math.max(0, Math.ceil((endMs - startMs) / (stepS * 1000))));
