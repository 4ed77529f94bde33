import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutDocuments } from './cut-documents.ts';
import { MalformedJson } from './json-spans.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('the documents of a page are cut out byte for byte, whatever the whitespace, escapes and numbers', () => {
  const first = '{ "id" : "a\\u0062\\"}]",\n "score":1.50, "deep":{"x":[1e2,{}]} }';
  const second = '{"id":"ü€😀","list":[ ]}';
  const page = encode(`\r\n{"next_token" : "p\\u0032" ,\t"data":\n[ ${first} ,${second}\n] }\n`);
  const { documents, nextToken } = cutDocuments(page);
  expect(documents.map(({ bytes }) => decode(bytes))).toEqual([first, second]);
  expect(documents[0]?.value).toEqual({ id: 'ab"}]', score: 1.5, deep: { x: [100, {}] } });
  expect(nextToken).toBe('p2');
});

test('a bare object is one document without the whitespace around it, a list is its elements', () => {
  expect(cutDocuments(encode(' {"id":"a","data":{"x":1}}\n')).documents.map(({ bytes }) => decode(bytes))).toEqual([
    '{"id":"a","data":{"x":1}}',
  ]);
  expect(cutDocuments(encode('[ {"id":"a"},{"id":"b"} ]')).documents).toHaveLength(2);
  expect(cutDocuments(encode('[]'))).toEqual({ documents: [], nextToken: null });
  expect(cutDocuments(encode('{"data":[],"next_token":null}'))).toEqual({ documents: [], nextToken: null });
});

test('an empty next_token, and none at all, mean the last page', () => {
  expect(cutDocuments(encode('{"data":[],"next_token":""}')).nextToken).toBeNull();
  expect(cutDocuments(encode('{"data":[]}')).nextToken).toBeNull();
});

test('a cut document does not keep the whole answer alive', () => {
  const [document] = cutDocuments(encode(`{"data":[{"id":"a"}],"pad":"${'x'.repeat(10_000)}"}`)).documents;
  expect(document?.bytes.buffer.byteLength).toBe(10);
});

describe('what is not an answer of Oura is malformed', () => {
  test.each([
    [''],
    ['   '],
    ['<html>busy</html>'],
    ['{"data":[{"id":"a"}'],
    ['{"data":[{"id":"a"}}'],
    ['{"data":[{"id":"a"},]}'],
    ['{"data":[{"id":"a"} {"id":"b"}]}'],
    ['{"data":[{"id":"a]}]}'],
    ['{"data":[{"id":a}]}'],
    ['{"data":[1,2]}'],
    ['{"data":[],"next_token":7}'],
    ['{"data":[]} extra'],
    ['{"data" []}'],
    ['{data:[]}'],
    ['"text"'],
    ['null'],
  ])('%s', (text) => {
    expect(() => cutDocuments(encode(text))).toThrow(MalformedJson);
  });

  test('bytes that are not UTF-8', () => {
    expect(() => cutDocuments(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(MalformedJson);
  });
});

/** JSON text of a value with arbitrary whitespace between its tokens, its letters sometimes spelled as escapes. */
function spelled(value: unknown, gaps: readonly string[]): string {
  let turn = 0;
  const gap = () => gaps[turn++ % gaps.length] ?? '';
  const text = (raw: string): string => {
    const parts = [...raw].map((letter) =>
      /[a-z/]/.test(letter) && gap().length % 2 === 1
        ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(letter).slice(1, -1),
    );
    return `"${parts.join('')}"`;
  };
  const write = (part: unknown): string => {
    if (typeof part === 'string') return text(part);
    if (Array.isArray(part)) return `[${gap()}${part.map((item) => write(item) + gap()).join(`,${gap()}`)}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(([key, item]) => `${text(key)}${gap()}:${gap()}${write(item)}${gap()}`);
    return `{${gap()}${members.join(`,${gap()}`)}}`;
  };
  return gap() + write(value) + gap();
}

test('parsing each cut part gives what parsing the whole gives for it', () => {
  const document = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }));
  const spaces = fc.array(fc.stringMatching(/^[ \n\r\t]{0,3}$/), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(
      fc.array(document, { maxLength: 6 }),
      fc.option(fc.string({ minLength: 1 })),
      spaces,
      (data, token, gaps) => {
        const text = spelled({ before: { data: [1] }, data, next_token: token, after: '"]}' }, gaps);
        const bytes = encode(text);
        const whole = JSON.parse(decode(bytes));
        const { documents, nextToken } = cutDocuments(bytes);
        expect(documents.map((cut) => cut.value)).toEqual(whole.data);
        expect(documents.map((cut) => JSON.parse(decode(cut.bytes)))).toEqual(whole.data);
        expect(nextToken).toBe(whole.next_token);
        for (const cut of documents) expect(text).toContain(decode(cut.bytes));
      },
    ),
    { numRuns: 150 },
  );
});
