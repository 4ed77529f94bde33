import { expect, test } from '@jest/globals';
import { createFakeOura, okJson } from '../../../test/support/fake-oura.ts';
import type { OuraAnswer } from '../oura-client/oura-client.ts';
import { readPages } from './read-pages.ts';

const request = { userId: 'u1', path: '/v2/usercollection/sleep', query: { start_date: '2026-11-22' } };

async function readAll(answers: Record<string, OuraAnswer>) {
  const oura = createFakeOura((asked) => answers[asked.query?.next_token ?? 'first'] ?? { kind: 'not-found' });
  const ids: unknown[] = [];
  const end = await readPages(
    oura,
    request,
    async (page) => void ids.push(...page.documents.map(({ value }) => value.id)),
  );
  return { end, ids, queries: oura.requests.map(({ query }) => query) };
}

test('every page is read, each asked with the window and the token of the one before', async () => {
  const { end, ids, queries } = await readAll({
    first: okJson({ data: [{ id: 'a' }], next_token: 't1' }, 1),
    t1: okJson({ data: [{ id: 'b' }, { id: 'c' }] }, 2),
  });
  expect([end, ids]).toEqual([{ kind: 'complete' }, ['a', 'b', 'c']]);
  expect(queries).toEqual([request.query, { ...request.query, next_token: 't1' }]);
});

test('a token that comes again ends the list', async () => {
  const { end, ids } = await readAll({
    first: okJson({ data: [{ id: 'a' }], next_token: 't1' }, 1),
    t1: okJson({ data: [{ id: 'b' }], next_token: 't1' }, 2),
  });
  expect([end, ids]).toEqual([{ kind: 'complete' }, ['a', 'b']]);
});

test('an answer that is no page, and one that never ends, are not complete', async () => {
  const broken = await readAll({
    first: okJson({ data: [{ id: 'a' }], next_token: 't1' }, 1),
    t1: okJson('<html>', 2),
  });
  expect([broken.end.kind, broken.ids]).toEqual(['stopped', ['a']]);
  let page = 0;
  const endless = createFakeOura(() => okJson({ data: [], next_token: `t${page++}` }, 1));
  const end = await readPages(endless, request, async () => {});
  expect(end).toMatchObject({ kind: 'stopped', answer: { kind: 'unreadable' } });
});

test('a refusal in the middle is handed on', async () => {
  const { end } = await readAll({
    first: okJson({ data: [], next_token: 't1' }, 1),
    t1: { kind: 'rate-limited', retryAfterMs: 5 },
  });
  expect(end).toEqual({ kind: 'stopped', answer: { kind: 'rate-limited', retryAfterMs: 5 } });
});
