// Rows of the mapping that give a point per item of a list: the rows of an hour, the tags of a note, the episodes of a rest mode. Two items with
// one identity inside a document are one point: the one with the higher value stays, so their order in the list does not matter.
import type { MetricPoint } from '../../schemas/metrics-message.ts';
import type { Fields } from './reading-context.ts';

export interface Item {
  fields: Fields;
  /** Where the item is a word of a list. */
  word?: string;
}

const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : [];

/** One item per word; a list without words stands for something, too, and is one item without a word. */
const wordItems = (fields: Fields): Item[] => {
  const items = words(fields.tags).map((word) => ({ fields, word }));
  return items.length === 0 ? [{ fields }] : items;
};

export function itemsOf(each: 'rows' | 'tags' | 'episodes', document: Fields): Item[] {
  if (each === 'tags') return wordItems(document);
  const list = each === 'rows' ? document.rows : document.episodes;
  const records = Array.isArray(list) ? (list as Fields[]) : [];
  return each === 'rows' ? records.map((fields) => ({ fields })) : records.flatMap(wordItems);
}

/** Ordered by start and context. `points` are of one metric. */
export function onePerIdentity(points: readonly MetricPoint[]): readonly MetricPoint[] {
  if (areOrdered(points)) return points;
  const kept = new Map<string, MetricPoint>();
  for (const point of points) {
    const identity = `${point.start} ${point.context ?? ''}`;
    const other = kept.get(identity);
    if (!other || point.value > other.value) kept.set(identity, point);
  }
  return [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, point]) => point);
}

function areOrdered(points: readonly MetricPoint[]): boolean {
  let last = '';
  for (const { start } of points) {
    if (start <= last) return false;
    last = start;
  }
  return true;
}
