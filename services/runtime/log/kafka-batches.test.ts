// Record batches on Kafka's wire, written and read here: the same bytes as kafkajs writes, and what a reader gets out of a fetch.
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from './crc32c.ts';
import { type OutgoingRecord, writeRecordBatch } from './kafka-batch-writer.ts';
import { readFetchAnswer } from './kafka-fetch-protocol.ts';
import { OutgoingMessage, writeProduceRequest } from './kafka-produce-protocol.ts';
import { usableRecords } from './kafka-usable.ts';

interface Encoded {
  buffer: Buffer;
}
const load = createRequire(import.meta.url);
const kafkajsRecord: (record: object) => Encoded = load('kafkajs/src/protocol/recordBatch/record/v0');
const kafkajsBatch: (batch: object) => Promise<Encoded> = load('kafkajs/src/protocol/recordBatch/v0').RecordBatch;
const kafkajsProduce: (of: object) => { encode(): Promise<Encoded> } = load(
  'kafkajs/src/protocol/requests/produce/v7/request',
);
const kafkajsNoId = load('kafkajs/src/utils/long').fromInt(-1);

const timeMs = 1_793_000_000_000;
const at = { topic: 't', partition: 3 };
const unlimited = { maxRecords: 1000, maxBytes: 1e9 };

const byKafkajs = async (records: readonly OutgoingRecord[], compression = 0): Promise<Buffer> => {
  const encoded = records.map((record, offsetDelta) => kafkajsRecord({ ...record, offsetDelta, timestampDelta: 0 }));
  const times = { firstTimestamp: timeMs, maxTimestamp: timeMs };
  return (await kafkajsBatch({ ...times, records: encoded, lastOffsetDelta: records.length - 1, compression })).buffer;
};
const record = (changes: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
  key: 'ключ',
  value: Buffer.from('value'),
  headers: { ce_id: '1', x: 'ö' },
  ...changes,
});
/** As the broker keeps it: with the first offset filled in. */
const at100 = (batch: Buffer, first = 100): Buffer => {
  batch.writeBigInt64BE(BigInt(first));
  return batch;
};
const read = (bytes: Buffer, { from = 0, limits = unlimited, end = 0 } = {}) =>
  usableRecords({ bytes, end }, { at, from, limits });
const offsets = (bytes: Buffer, options: Parameters<typeof read>[1] = {}) =>
  read(bytes, options).records.map(({ offset }) => offset);

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('1.0', 'x'.repeat(300)));
const anyRecord = fc.record({
  key: text,
  value: fc.option(fc.uint8Array({ maxLength: 20_000 }).map(Buffer.from)),
  // Few names and values, so that records share headers as ours do.
  headers: fc.dictionary(fc.constantFrom('ce_id', 'ce_type', 'x', 'ö'), text, { maxKeys: 4 }),
});

test('a batch is what kafkajs writes, byte for byte, and is read back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 30 }), async (records) => {
      const own = writeRecordBatch(records, timeMs);
      expect(own.equals(await byKafkajs(records))).toBe(true);
      const { records: back } = read(own);
      expect(back.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
        records.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
      );
    }),
  );
});

test('a record comes with its place and time', () => {
  expect(read(at100(writeRecordBatch([record(), record()], timeMs))).records[1]).toEqual({
    ...record(),
    ...at,
    offset: 101,
    appendedAtMs: timeMs,
  });
});

test('a request to produce is the one of kafkajs', async () => {
  const topicData = [
    { topic: 'ключ', partitions: [3, 1].map((partition) => ({ partition, messages: [record(), record()] })) },
    { topic: 'b', partitions: [{ partition: 0, messages: [record({ value: null })] }] },
  ];
  const message = (partition: number) => (each: OutgoingRecord) => new OutgoingMessage(each, partition);
  const ours = topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, messages }) => ({
      partition,
      messages: messages.map(message(partition)),
    })),
  }));
  const dated = topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, messages }) => ({
      partition,
      messages: messages.map((each) => ({ ...each, timestamp: timeMs })),
    })),
  }));
  const request = { acks: -1, timeout: 30_000, producerId: kafkajsNoId, producerEpoch: 0 };
  const expected = await kafkajsProduce({ ...request, topicData: dated }).encode();
  const made = writeProduceRequest({ ...request, topicData: ours }, timeMs);
  expect(made.equals(expected.buffer)).toBe(true);
});

test('what a broker compressed with gzip is read, what with lz4 is refused with a sentence', async () => {
  const gzipped = await byKafkajs([record(), record({ key: 'b' })], 1);
  expect(read(gzipped).records.map(({ key }) => key)).toEqual(['ключ', 'b']);
  gzipped.writeInt16BE(3, 21);
  expect(() => read(gzipped)).toThrow('set compression.type to');
});

test('a header that stands twice keeps its last value', async () => {
  const doubled = [record({ headers: { x: ['first', 'last'] as unknown as string } })];
  expect(read(await byKafkajs(doubled)).records[0]?.headers).toEqual({ x: 'last' });
});

test('the checksum is CRC-32C', () => {
  // The check value of the catalogue of CRCs, and lengths around the step of eight.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.from('12345678'))).toBe(0x6087809a);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});

const five = () => at100(writeRecordBatch([record(), record(), record(), record(), record()], timeMs));
const control = (first: number): Buffer => {
  const batch = at100(writeRecordBatch([record()], timeMs), first);
  batch.writeInt16BE(0x20, 21);
  return batch;
};

test('what stands before the wanted offset is left out', () => {
  expect(offsets(five(), { from: 103 })).toEqual([103, 104]);
  expect(offsets(Buffer.concat([five(), at100(five(), 200)]), { from: 201 })).toEqual([201, 202, 203, 204]);
});

test.each([
  { name: 'records', limits: { maxRecords: 2, maxBytes: 1e9 }, taken: [100, 101] },
  { name: 'bytes', limits: { maxRecords: 100, maxBytes: 11 }, taken: [100, 101, 102] },
])('$name bound it, and the rest of the fetch is there for the next batch', ({ limits, taken }) => {
  const first = read(five(), { limits });
  expect(first.records.map(({ offset }) => offset)).toEqual(taken);
  expect(first).toMatchObject({ from: (taken.at(-1) ?? 0) + 1, isExhausted: false });
  expect(read(five(), { from: first.from })).toMatchObject({ from: 105, isExhausted: true });
});

test('control records and what compaction emptied are stepped over by what the batch says of its offsets', () => {
  expect(read(control(100), { from: 100 })).toMatchObject({ records: [], from: 101 });
  const emptied = five();
  emptied.writeInt32BE(0, 57);
  expect(read(emptied, { from: 102 })).toMatchObject({ records: [], from: 105 });
  expect(offsets(Buffer.concat([control(99), five()]), { from: 99 })).toEqual([100, 101, 102, 103, 104]);
});

test('an answer that others filled, or half a batch, moves nothing', () => {
  // A step from here would skip a record that nobody has seen.
  expect(read(Buffer.alloc(0), { from: 100, end: 105 })).toEqual({
    records: [],
    from: 100,
    next: 105,
    isExhausted: true,
  });
  expect(read(five().subarray(0, 100), { from: 100, end: 105 })).toMatchObject({ records: [], from: 100, next: 105 });
});

test('an answer to a fetch is taken apart', () => {
  const batch = five();
  const int = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
    return buffer;
  };
  const partition = (number: number, error: number, records: Buffer) => [
    int(number, 4),
    int(error, 2),
    int(900, 8),
    Buffer.alloc(16),
    int(1, 4), // one transaction that was given up
    Buffer.alloc(16),
    int(-1, 4),
    int(records.length, 4),
    records,
  ];
  const answer = Buffer.concat([
    int(7, 4),
    int(0, 2),
    int(0, 4),
    int(1, 4),
    int(2, 2),
    Buffer.from('to'),
    int(2, 4),
    ...partition(3, 0, batch),
    ...partition(4, 1, Buffer.alloc(0)),
  ]);
  expect(readFetchAnswer(answer)).toEqual({
    throttleTime: 0,
    clientSideThrottleTime: 7,
    responses: [
      {
        topicName: 'to',
        partitions: [
          { topic: 'to', partition: 3, errorCode: 0, end: 900, bytes: batch },
          { topic: 'to', partition: 4, errorCode: 1, end: 900, bytes: Buffer.alloc(0) },
        ],
      },
    ],
  });
});
