import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeDocument } from '../../../schemas/document.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createRecordingLog } from '../../../test/support/recording-log.ts';
import { Failure } from '../../runtime/failure.ts';
import { readOutbox } from '../../storage/ingest-outbox.ts';
import { createOutboxPublisher } from './outbox-publisher.ts';
import { type ReadDocuments, recordDeletion, recordDocuments } from './record-documents.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function open() {
  const state = await openTestState();
  const log = createRecordingLog();
  const clock = { now: () => 5_000 };
  const start = () => ({ state, clock, outbox: createOutboxPublisher({ state, log }) });
  return { state, log, start, parts: start() };
}

const read = (text: string, beganAtMs: number, more: Partial<ReadDocuments> = {}): ReadDocuments => ({
  userId: 'u1',
  resource: 'sleep',
  documents: [{ objectId: 'a', bytes: encode(text) }],
  beganAtMs,
  via: 'poll',
  ...more,
});

test('a version is appended with its number, its exact bytes and the time its request began', async () => {
  const { state, log, parts } = await open();
  const text = '{ "score" : 80.0 }';
  expect(await recordDocuments(parts, read(text, 1000))).toEqual({ appended: 1, unchanged: 0, stale: 0, doubted: 0 });
  const [record] = log.records.map(decodeDocument);
  expect(record).toMatchObject({
    userId: 'u1',
    resource: 'sleep',
    objectId: 'a',
    sequence: 1,
    via: 'poll',
    deleted: false,
  });
  expect(record?.time).toBe('1970-01-01T00:00:01.000Z');
  expect(decode(record?.bytes ?? new Uint8Array())).toBe(text);
  expect(await readOutbox(state.read, 10)).toEqual([]);
  await state.close();
});

test('other key order, whitespace and number notation is the same content; a return to earlier content is a new version', async () => {
  const { state, log, parts } = await open();
  await recordDocuments(parts, read('{"a":1.0,"b":2}', 1));
  expect((await recordDocuments(parts, read('{ "b": 2, "a": 1 }', 2))).unchanged).toBe(1);
  await recordDocuments(parts, read('{"a":1,"b":3}', 3));
  await recordDocuments(parts, read('{"a":1,"b":2}', 4));
  const versions = log.records.map(decodeDocument);
  expect(versions.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(new Set(versions.map(({ id }) => id)).size).toBe(3);
  await state.close();
});

test('text without a canonical form is compared by its bytes', async () => {
  const { state, parts } = await open();
  await recordDocuments(parts, read('{"a":"\\ud800"}', 1));
  expect((await recordDocuments(parts, read('{"a":"\\ud800"}', 2))).unchanged).toBe(1);
  expect((await recordDocuments(parts, read('{"a":"\\ud801"}', 3))).appended).toBe(1);
  await state.close();
});

test('a deletion is a version, a second one is not, and an answer after it brings the document back', async () => {
  const { state, log, parts } = await open();
  const deletion = { userId: 'u1', resource: 'sleep', objectId: 'a', via: 'webhook' } as const;
  await recordDocuments(parts, read('{"a":1}', 1));
  await recordDeletion(parts, { ...deletion, beganAtMs: 2 });
  expect((await recordDeletion(parts, { ...deletion, beganAtMs: 3 })).unchanged).toBe(1);
  expect((await recordDocuments(parts, read('{"a":1}', 1))).stale).toBe(1);
  await recordDocuments(parts, read('{"a":1}', 4));
  expect(log.records.map(decodeDocument).map(({ sequence, deleted }) => [sequence, deleted])).toEqual([
    [1, false],
    [2, true],
    [3, false],
  ]);
  await state.close();
});

test('of an object that one answer holds twice the last one counts', async () => {
  const { state, log, parts } = await open();
  const documents = ['{"a":1}', '{"a":2}'].map((text) => ({ objectId: 'a', bytes: encode(text) }));
  await recordDocuments(parts, read('', 1, { documents }));
  expect(log.records.map((record) => decode(record.value ?? new Uint8Array()))).toEqual(['{"a":2}']);
  await state.close();
});

test('arrivals for one object at the same time get different numbers and none is lost', async () => {
  const { state, log, parts } = await open();
  await Promise.all(Array.from({ length: 20 }, (_, n) => recordDocuments(parts, read(`{"n":${n}}`, 1))));
  expect(log.records.map(decodeDocument).map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  await state.close();
});

test('what was numbered while the log was down is appended later, before what follows, with the id it had', async () => {
  const { state, log, parts } = await open();
  await recordDocuments(parts, read('{"n":0}', 0));
  log.failure = new Failure('dependency', 'the log is down');
  await expect(recordDocuments(parts, read('{"n":1}', 1))).rejects.toThrow('the log is down');
  await expect(recordDocuments(parts, read('{"n":2}', 2))).rejects.toThrow('the log is down');
  log.failure = undefined;
  expect((await recordDocuments(parts, read('{"n":2}', 3))).unchanged).toBe(1);
  await recordDocuments(parts, read('{"n":3}', 4));
  expect(log.records.map(decodeDocument).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  expect(await readOutbox(state.read, 10)).toEqual([]);
  await state.close();
});

test('a start appends what a killed process left in the outbox', async () => {
  const { state, log, parts, start } = await open();
  log.failure = new Failure('dependency', 'killed');
  await expect(recordDocuments(parts, read('{"n":1}', 1))).rejects.toThrow('killed');
  log.failure = undefined;
  await start().outbox.drain();
  expect(log.records.map(decodeDocument).map(({ sequence }) => sequence)).toEqual([1]);
  await state.close();
});

test('what a killed process left goes before the next version of its object', async () => {
  const { state, log, parts, start } = await open();
  log.failure = new Failure('dependency', 'killed');
  await expect(recordDocuments(parts, read('{"n":1}', 1))).rejects.toThrow('killed');
  log.failure = undefined;
  await recordDocuments(start(), read('{"n":2}', 2));
  expect(log.records.map(decodeDocument).map(({ sequence }) => sequence)).toEqual([1, 2]);
  await state.close();
});

test('a document too large for any log is refused before anything is written', async () => {
  const { state, log, parts } = await open();
  await expect(recordDocuments(parts, read(`{"a":"${'x'.repeat(1_000_000)}"}`, 1))).rejects.toMatchObject({
    kind: 'poison',
  });
  expect(await readOutbox(state.read, 10)).toEqual([]);
  expect(log.appends).toBe(0);
  await state.close();
});

test('whatever is answered in whatever order, each object counts 1, 2, 3 … and two neighbours never say the same', async () => {
  const arrival = fc.record({
    objectId: fc.constantFrom('a', 'b'),
    content: fc.integer({ min: 0, max: 2 }),
    at: fc.nat(20),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { maxLength: 25 }), async (arrivals) => {
      const { state, log, parts } = await open();
      for (const { objectId, content, at } of arrivals) {
        await recordDocuments(parts, read('', at, { documents: [{ objectId, bytes: encode(`{"c":${content}}`) }] }));
      }
      for (const objectId of ['a', 'b']) {
        const versions = log.records.map(decodeDocument).filter((version) => version.objectId === objectId);
        expect(versions.map(({ sequence }) => sequence)).toEqual(versions.map((_, index) => index + 1));
        const contents = versions.map(({ bytes }) => decode(bytes));
        expect(contents.some((content, index) => content === contents[index - 1])).toBe(false);
        const times = versions.map(({ time }) => time);
        expect([...times].sort()).toEqual(times);
      }
      await state.close();
    }),
    { numRuns: 40 },
  );
});
