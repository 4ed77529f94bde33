// The value of one point, and the words that go with it. Only words of Oura's own get through: lower-case codes of letters, digits, points and
// underscores, at most 64 long. Anything else becomes `other`, so text a wearer typed can never end up in a metric.
import { numberOf } from '../../schemas/metrics/codebooks.ts';
import type { Context, Reading } from '../../schemas/metrics/mapping-row.ts';
import { type Fields, type ReadingContext, valueAt } from './reading-context.ts';

export interface PointValue {
  value: number;
  text?: string;
}

const code = /^[a-z0-9][a-z0-9_.]{0,63}$/;

/** Words seen before, and the code of each: an hour of heart rates says the same two words a hundred times. */
const codes = new Map<string, string>();
const mostCodes = 1000;

/** `strengthTraining`, `Strength training` and `strength_training` are one word. */
export function asCode(word: string): string {
  const known = codes.get(word);
  if (known !== undefined) return known;
  const made = makeCode(word);
  if (codes.size < mostCodes) codes.set(word, made);
  return made;
}

function makeCode(word: string): string {
  if (code.test(word)) return word;
  const snake = word
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();
  return code.test(snake) ? snake : 'other';
}

interface Given {
  /** What stands in the row's first field, and in its second if it has one. */
  value: unknown;
  other: unknown;
  fields: Fields;
  /** The name of the first field. */
  field: string;
}

/** Undefined when there is nothing to say. */
export function readPoint(
  reading: Exclude<Reading, { read: 'characters' | 'sample' }>,
  { value, other, fields, field }: Given,
  context: ReadingContext,
): PointValue | undefined {
  if (value === null || value === undefined) return undefined;
  switch (reading.read) {
    case 'number':
      return typeof value === 'number' && !reading.none?.includes(value) ? { value } : undefined;
    case 'difference':
      return typeof value === 'number' && typeof other === 'number' ? { value: value - other } : undefined;
    case 'flag':
      return { value: value === true ? 1 : 0 };
    case 'code': {
      const text = asCode(String(value));
      const number = numberOf(reading.codebook, text);
      if (number === undefined) context.unknownWords.push(`${field}=${text}`);
      return number === undefined ? undefined : { value: number, text };
    }
    case 'occurrence': {
      const word = reading.word === undefined ? undefined : fields[reading.word];
      return typeof word === 'string' && word !== '' ? { value: 1, text: asCode(word) } : { value: 1 };
    }
  }
}

/** `item` is the item of a list of words, where the row is one of a list. */
export function readContext(context: Context | undefined, fields: Fields, item?: string): string | undefined {
  if (context === undefined) return undefined;
  if ('is' in context) return context.is;
  const word = item ?? (context.field === '' ? undefined : valueAt(fields, [context.field]));
  return typeof word === 'string' && word !== '' ? asCode(word) : context.none;
}
