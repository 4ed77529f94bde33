// Ids that look like Oura's (UUIDs) and can be read back: the last six digits hide the day and the ordinal behind a mask that
// only the right seed, person and resource give. So any document can be found by its id without an index of all of them.

import { createHash } from 'node:crypto';

export interface IdScope {
  seed: number;
  ouraUserId: string;
  resource: string;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function headOf(scope: IdScope, day: number, ordinal: number): string {
  const hex = digest(`id|${scope.seed}|${scope.ouraUserId}|${scope.resource}|${day}|${ordinal}`);
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? '8';
  return `${hex.slice(0, 12)}4${hex.slice(13, 16)}${variant}${hex.slice(17, 26)}`;
}

const maskOf = (scope: IdScope, head: string): number =>
  Number.parseInt(digest(`mask|${scope.seed}|${scope.ouraUserId}|${scope.resource}|${head}`).slice(0, 6), 16);

const withHyphens = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

/** Day 0 … 65,535 and ordinal 0 … 255. */
export function documentId(scope: IdScope, day: number, ordinal: number): string {
  const head = headOf(scope, day, ordinal);
  const tail = ((day << 8) | ordinal) ^ maskOf(scope, head);
  return withHyphens(head + tail.toString(16).padStart(6, '0'));
}

/** The day and ordinal an id stands for, or null when it is none of this person's documents of this resource. */
export function readDocumentId(scope: IdScope, id: string): { day: number; ordinal: number } | null {
  const hex = id.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  const head = hex.slice(0, 26);
  const payload = Number.parseInt(hex.slice(26), 16) ^ maskOf(scope, head);
  const found = { day: payload >>> 8, ordinal: payload & 255 };
  return headOf(scope, found.day, found.ordinal) === head ? found : null;
}
