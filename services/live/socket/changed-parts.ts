// Which parts of the page differ between two readings of it. A part is replaced as a whole.
import { isDeepStrictEqual } from 'node:util';
import { type Today, type TodayParts, today } from '../today/model.ts';

const names = today.keyof().options;

function copy<Name extends keyof Today>(to: TodayParts, from: Today, name: Name): void {
  to[name] = from[name];
}

export function changedParts(before: Today | null, after: Today): TodayParts {
  const parts: TodayParts = {};
  if (before === after) return parts;
  for (const name of names) {
    if (before === null || !isDeepStrictEqual(before[name], after[name])) copy(parts, after, name);
  }
  return parts;
}
