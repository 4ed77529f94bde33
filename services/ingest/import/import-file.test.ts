// Files on their way onto the topics: what is appended, what is left alone, what becomes a dead letter.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { deadLetterHeaders } from '../../../schemas/dead-letter.ts';
import { decodeDocument } from '../../../schemas/document.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import { openTestState } from '../../../test/support/databases.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { Failure } from '../../runtime/failure.ts';
import { jsonErrors } from '../../runtime/http/json-error.ts';
import { createLogger } from '../../runtime/logger.ts';
import { findPersonByName, listPeople } from '../../storage/people.ts';
import { createOutboxPublisher } from '../versions/outbox-publisher.ts';
import { recordDocuments } from '../versions/record-documents.ts';
import { type ImportRequest, importFile } from './import-file.ts';
import { parseReport, reportJson } from './import-report.ts';
import { createImportRouter } from './import-router.ts';

const samples = join(import.meta.dirname, '../../../test/fixtures/samples');
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7000) yield bytes.subarray(at, at + 7000);
}

async function opened() {
  const state = await openTestState();
  closers.push(() => state.close());
  const clock = createManualClock();
  const records: WireRecord[] = [];
  const broken = { isDown: false };
  const log = {
    append: async (appended: readonly WireRecord[]) => {
      if (broken.isDown) throw new Failure('dependency', 'the log is down');
      records.push(...appended);
      return [];
    },
  };
  const versions = { state, outbox: createOutboxPublisher({ state, log }), clock };
  const parts = { state, versions, log, clock, batchRows: 500 };
  const importBytes = (bytes: Uint8Array, request: Partial<ImportRequest> = {}) =>
    importFile(parts, { personName: 'Anna', fileName: 'export.json', chunks: chunksOf(bytes), ...request });
  const importText = (text: string, request: Partial<ImportRequest> = {}) => importBytes(Buffer.from(text), request);
  const importSample = (name: string) => importBytes(readFileSync(join(samples, name)), { fileName: name });
  const documents = () => records.filter((record) => record.topic === 'oura.documents.v1').map(decodeDocument);
  const deadLetters = () => records.filter((record) => record.topic === 'oura.documents.v1.dlq');
  const seen = () => documents().map((d) => `${d.resource}/${d.objectId} ${d.sequence}${d.deleted ? ' deleted' : ''}`);
  return {
    ...{ state, clock, records, broken, versions, parts },
    ...{ importText, importSample, documents, deadLetters, seen },
  };
}

const score = (day: string, value = 80) => ({
  id: `score-${day}`,
  day,
  score: value,
  contributors: { total_sleep: 90 },
});
const list = (...documents: object[]) => JSON.stringify({ data: documents });

test('every recorded sample goes onto the topic, and a second time changes nothing', async () => {
  const { importSample, records, documents, state } = await opened();
  const files = ['jeff-kohn_oura_charts', 'androosk_oura-sleep-tracker', 'sremm_oura-analysis'].flatMap((folder) =>
    readdirSync(join(samples, folder))
      .filter((file) => /\.(json|csv)$/.test(file))
      .map((file) => `${folder}/${file}`),
  );
  expect(files).toHaveLength(8);
  const reports = [];
  for (const file of files) reports.push(await importSample(file));
  expect(reports.map((report) => [report.imported, report.unchanged, report.problemCount])).toEqual([
    ...[
      [1, 0, 0],
      [1, 0, 0],
      [4, 0, 0],
    ],
    ...[
      [1, 0, 0],
      [4, 0, 0],
      [2, 0, 0],
      [2, 0, 0],
    ],
    [8, 0, 0],
  ]);
  const [anna] = await listPeople(state.read);
  expect(anna).toMatchObject({ name: 'Anna', ouraUserId: '123' });
  expect(new Set(documents().map((document) => `${document.userId} ${document.via} ${document.sequence}`))).toEqual(
    new Set([`${anna?.userId} import 1`]),
  );
  const before = records.length;
  for (const file of files) {
    expect(await importSample(file)).toMatchObject({ imported: 0, leftAsIs: 0, unchanged: expect.any(Number) });
  }
  expect(records).toHaveLength(before);
});

test('the bytes on the topic are those of the file', async () => {
  const { importText, documents, clock } = await opened();
  const text = '{ "id":"a",  "day": "2026-01-01", "score" : 8.0e1, "contributors":{"total_sleep":90} }';
  await importText(`{"data":[ ${text} ]}`);
  expect(Buffer.from(documents()[0]?.bytes ?? []).toString()).toBe(text);
  expect(documents()[0]?.time).toBe(new Date(clock.now()).toISOString());
});

test('what Oura said since is left as it is, what is missing is added', async () => {
  const { importText, versions, seen, state, clock } = await opened();
  await importText(list(score('2026-01-01')));
  const userId = (await findPersonByName(state.read, 'Anna'))?.userId ?? '';
  const real = (value: number) =>
    recordDocuments(versions, {
      ...{ userId, resource: 'daily_sleep', beganAtMs: clock.now(), via: 'poll' },
      documents: [{ objectId: 'score-2026-01-01', bytes: Buffer.from(JSON.stringify(score('2026-01-01', value))) }],
    });
  await real(85);
  const report = await importText(list(score('2026-01-01'), score('2026-01-02')));
  expect(report).toMatchObject({ imported: 1, unchanged: 0, leftAsIs: 1 });
  expect(seen()).toEqual([
    'daily_sleep/score-2026-01-01 1',
    'daily_sleep/score-2026-01-01 2',
    'daily_sleep/score-2026-01-02 1',
  ]);
});

test('of two files that say when they were read, the later one counts, whichever comes first', async () => {
  const { importText, documents } = await opened();
  const file = (timestamp: string, value: number) =>
    importText(JSON.stringify({ timestamp, data: { daily_sleep: [score('2026-01-01', value)] } }));
  await file('2026-02-01T00:00:00Z', 82);
  expect(await file('2026-01-05T00:00:00Z', 81)).toMatchObject({ leftAsIs: 1 });
  expect(await file('2026-03-01T00:00:00Z', 83)).toMatchObject({ imported: 1 });
  expect(await file('2026-02-01T00:00:00Z', 82)).toMatchObject({ leftAsIs: 1 });
  expect(documents().map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).score)).toEqual([82, 83]);
});

test('who insists replaces', async () => {
  const { importText, seen } = await opened();
  await importText(list(score('2026-01-01')));
  expect(await importText(list(score('2026-01-01', 81)), { replace: true })).toMatchObject({ imported: 1 });
  expect(seen()).toEqual(['daily_sleep/score-2026-01-01 1', 'daily_sleep/score-2026-01-01 2']);
});

test("a trends line gives way to Oura's own document of the day, before or after it", async () => {
  const { importText, seen } = await opened();
  const trends = 'date,Sleep Score,Readiness Score\n2026-01-01,70,71\n2026-01-02,72,73\n';
  const importTrends = () => importText(trends, { fileName: 'trends.csv' });
  await importText(list(score('2026-01-01')));
  expect(await importTrends()).toMatchObject({ imported: 3, leftAsIs: 1 });
  await importText(list(score('2026-01-02')));
  expect(seen()).toEqual([
    'daily_sleep/score-2026-01-01 1',
    'daily_sleep/trends-2026-01-02 1',
    'daily_readiness/trends-2026-01-01 1',
    'daily_readiness/trends-2026-01-02 1',
    'daily_sleep/trends-2026-01-02 2 deleted',
    'daily_sleep/score-2026-01-02 1',
  ]);
  expect(await importTrends()).toMatchObject({ imported: 0, unchanged: 2, leftAsIs: 2 });
});

test('what cannot be used becomes a dead letter, once, with its bytes and its place', async () => {
  const { importText, deadLetters, documents } = await opened();
  const text = `[{"id":"x"},${JSON.stringify(score('2026-01-01'))},7]`;
  const report = await importText(text);
  expect(report).toMatchObject({ imported: 1, problemCount: 2, problems: [{ place: '$[0]' }, { place: '$[2]' }] });
  await importText(text);
  expect(documents()).toHaveLength(1);
  expect(deadLetters().map((record) => Buffer.from(record.value ?? []).toString())).toEqual(['{"id":"x"}', '7']);
  const headers = deadLetterHeaders.parse(deadLetters()[0]?.headers);
  expect(headers).toMatchObject({
    dlq_consumer: 'import',
    dlq_reason: 'unusable_record',
    dlq_topic: 'oura.documents.v1',
  });
  expect(headers.dlq_error).toMatch(/^export\.json, \$\[0\]: its fields are those of no resource/);
});

test('rows are gathered into hours across the whole file, in either order', async () => {
  const { importText, documents } = await opened();
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  const rows = Array.from({ length: 1_800 }, (_, index) => ({
    ...{ timestamp: new Date(startMs + index * 60_000).toISOString(), bpm: 60, source: 'rest' },
  }));
  expect(await importText(JSON.stringify({ heartrate: rows.toReversed() }))).toMatchObject({
    imported: 30,
    leftAsIs: 0,
  });
  expect(new Set(documents().map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).length))).toEqual(
    new Set([60]),
  );
  expect(await importText(JSON.stringify({ heartrate: rows }))).toMatchObject({
    imported: 0,
    unchanged: 30,
    leftAsIs: 0,
  });
});

test('a file with nothing usable makes nobody', async () => {
  const { importText, state, records } = await opened();
  expect(await importText('')).toMatchObject({ person: undefined, problemCount: 1 });
  expect([await listPeople(state.read), records]).toEqual([[], []]);
});

test("somebody else's personal_info is pointed out", async () => {
  const { importText } = await opened();
  const info = '{"id":"oura-1","age":40,"weight":70,"biological_sex":"female"}';
  await importText(info, { personName: 'Ben' });
  expect((await importText(info)).notes).toMatchObject([
    { text: expect.stringContaining('another Oura account than that of Anna') },
  ]);
});

test('after a failure the same file goes on where it stopped', async () => {
  const { importText, broken, seen } = await opened();
  const text = list(score('2026-01-01'), score('2026-01-02'));
  broken.isDown = true;
  await expect(importText(text)).rejects.toThrow('the log is down');
  broken.isDown = false;
  await importText(text);
  expect(seen()).toEqual(['daily_sleep/score-2026-01-01 1', 'daily_sleep/score-2026-01-02 1']);
});

async function listening(limitBytes = 1_000_000) {
  const context = await opened();
  const spoolFolder = mkdtempSync(join(tmpdir(), 'import-test-'));
  closers.push(async () => rmSync(spoolFolder, { recursive: true }));
  const app = express();
  app.use(createImportRouter({ ...context.parts, limitBytes, spoolFolder }));
  app.use(jsonErrors(createLogger({ level: 'silent', name: 'test' })));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/people`;
  const post = (path: string, body: string, accept = 'application/json') =>
    fetch(base + path, { method: 'POST', body, headers: { accept } });
  return { ...context, post, spooled: () => readdirSync(spoolFolder) };
}

test('a file is imported over HTTP and leaves nothing behind', async () => {
  const { post, spooled, state } = await listening();
  const answer = await post('/Anna%20Maria/import?file=daily_sleep.json', list(score('2026-01-01')));
  expect(answer.status).toBe(200);
  const person = await findPersonByName(state.read, 'Anna Maria');
  const json = await answer.json();
  expect(reportJson(parseReport(json))).toEqual(json);
  expect(json).toEqual({
    ...{
      file: 'daily_sleep.json',
      user_id: person?.userId,
      name: 'Anna Maria',
      imported: 1,
      unchanged: 0,
      left_as_is: 0,
    },
    ...{ by_resource: { daily_sleep: 1 }, problem_count: 0, problems: [], notes: [] },
  });
  expect(spooled()).toEqual([]);
});

test('progress comes as lines, the report or the error last', async () => {
  const { post, broken } = await listening(2_000_000);
  const days = Array.from({ length: 4_000 }, (_, n) => score(new Date(n * 86_400_000).toISOString().slice(0, 10)));
  const linesOf = async (answer: Response) =>
    (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const lines = await linesOf(await post('/Anna/import', list(...days), 'application/x-ndjson'));
  expect(lines[0]).toMatchObject({ progress: { bytes: expect.any(Number), total_bytes: expect.any(Number) } });
  expect(lines.at(-1)).toMatchObject({ report: { imported: 4_000 } });
  broken.isDown = true;
  const down = await linesOf(await post('/Anna/import', list(score('2099-01-01', 1)), 'application/x-ndjson'));
  expect(down.at(-1)).toMatchObject({ error: { code: 'unavailable' } });
});

test('requests that cannot be understood say why, and too much is refused', async () => {
  const { post, spooled } = await listening(1000);
  expect((await post('/Anna/import?type=moon', '[]')).status).toBe(400);
  expect((await post('/%20/import', '[]')).status).toBe(400);
  expect((await post('/Anna/import', 'x'.repeat(1001))).status).toBe(413);
  expect(spooled()).toEqual([]);
});
