import { expect, test } from '@jest/globals';
import { type Candidate, type CurrentVersion, decideVersion } from './decide-version.ts';

const current: CurrentVersion = {
  sequence: 4,
  contentHash: 'a',
  beganAtMs: 100,
  deleted: false,
  rowCount: null,
  doubtedHash: null,
};
const candidate: Candidate = { contentHash: 'b', beganAtMs: 200, deleted: false, rowCount: null };
const hour = { ...current, rowCount: 10 };

test.each<[string, CurrentVersion | undefined, Partial<Candidate>, ReturnType<typeof decideVersion>]>([
  ['the first sight of an object is version 1', undefined, {}, { kind: 'append', sequence: 1 }],
  ['other content is the next version', current, {}, { kind: 'append', sequence: 5 }],
  ['the same content is no version', current, { contentHash: 'a' }, { kind: 'unchanged', clearsDoubt: false }],
  ['other content of an older request is dropped', current, { beganAtMs: 99 }, { kind: 'stale' }],
  ['other content of the same instant counts', current, { beganAtMs: 100 }, { kind: 'append', sequence: 5 }],
  [
    'the same content of an older request is no version',
    current,
    { contentHash: 'a', beganAtMs: 99 },
    { kind: 'unchanged', clearsDoubt: false },
  ],
  ['a deletion is a version', current, { deleted: true }, { kind: 'append', sequence: 5 }],
  ['an old deletion is dropped', current, { deleted: true, beganAtMs: 1 }, { kind: 'stale' }],
  [
    'a second deletion is no version, however it is hashed',
    { ...current, deleted: true, contentHash: 'x' },
    { deleted: true },
    { kind: 'unchanged', clearsDoubt: false },
  ],
  [
    'what was deleted and is answered again comes back, also with the content it had',
    { ...current, deleted: true },
    { contentHash: 'a' },
    { kind: 'append', sequence: 5 },
  ],
  ['an hour with more rows is a version', hour, { rowCount: 11 }, { kind: 'append', sequence: 5 }],
  ['an hour with as many rows is a version', hour, { rowCount: 10 }, { kind: 'append', sequence: 5 }],
  ['an hour with fewer rows is doubted', hour, { rowCount: 9 }, { kind: 'doubted' }],
  [
    'an hour with fewer rows is believed at the second identical reading',
    { ...hour, doubtedHash: 'b' },
    { rowCount: 9 },
    { kind: 'append', sequence: 5 },
  ],
  [
    'an hour with fewer rows that differ from those doubted before is doubted anew',
    { ...hour, doubtedHash: 'c' },
    { rowCount: 9 },
    { kind: 'doubted' },
  ],
  [
    'a full reading after a smaller one ends the doubt',
    { ...hour, doubtedHash: 'b' },
    { contentHash: 'a', rowCount: 10 },
    { kind: 'unchanged', clearsDoubt: true },
  ],
])('%s', (_, head, change, decision) => {
  expect(decideVersion(head, { ...candidate, ...change })).toEqual(decision);
});
