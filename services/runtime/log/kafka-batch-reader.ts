// Reads the records of a partition out of what a fetch brought, only as many as are wanted. Pure. kafkajs would decode all of them, into objects that are
// decoded once more: five times the work. Record batches of magic 2 alone (every Kafka since 0.11); the end of the bytes may be half a batch.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../failure.ts';
import type { LogRecord, TopicPartition } from './message-log.ts';

export interface Wanted {
  at: TopicPartition;
  from: number;
  /** Called with each record in order; the reading ends when it says false. */
  take(record: LogRecord): boolean;
}

export interface ReadBatches {
  /** The offset after the last one that was looked at: past control records and what compaction removed. */
  reached: number;
  /** True when the bytes hold nothing from `reached` on. */
  isExhausted: boolean;
}

const headBytes = 61;
const magicAt = 16;
const isControl = 0x20;
const isAppendTime = 0x08;

/** @throws Failure `configuration` when the bytes are of another format or compression */
export function readRecordBatches(bytes: Buffer, { at, from, take }: Wanted): ReadBatches {
  let reached = from;
  for (let start = 0; start + headBytes <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end > bytes.length) break;
    const format = bytes[start + magicAt];
    if (format !== 2) throw new Failure('configuration', `${at.topic} holds records of format ${format}, expected 2`);
    const first = Number(bytes.readBigInt64BE(start));
    const next = first + bytes.readInt32BE(start + 23) + 1;
    const attributes = bytes.readInt16BE(start + 21);
    if (next > from && !(attributes & isControl)) {
      const records = decompressed(bytes.subarray(start + headBytes, end), attributes & 7);
      const appendTimeMs = attributes & isAppendTime ? Number(bytes.readBigInt64BE(start + 35)) : undefined;
      const firstMs = appendTimeMs ?? Number(bytes.readBigInt64BE(start + 27));
      const reader = new RecordReader(records, { at, first, firstMs, isAppendTime: appendTimeMs !== undefined });
      for (let left = bytes.readInt32BE(start + 57); left > 0; left -= 1) {
        const record = reader.next(from);
        if (!record) continue;
        reached = record.offset + 1;
        if (!take(record)) return { reached, isExhausted: false };
      }
    }
    reached = Math.max(reached, next);
    start = end;
  }
  return { reached, isExhausted: true };
}

function decompressed(bytes: Buffer, codec: number): Buffer {
  switch (codec) {
    case 0:
      return bytes;
    case 1:
      return gunzipSync(bytes);
    case 4:
      return zstdDecompressSync(bytes);
    default:
      throw new Failure(
        'configuration',
        'records on Kafka are compressed with snappy or lz4, which cannot be read here: set compression.type to producer, gzip or zstd',
      );
  }
}

interface BatchFacts {
  at: TopicPartition;
  first: number;
  firstMs: number;
  isAppendTime: boolean;
}

interface ReadHeader {
  from: number;
  to: number;
  name: string;
  value: string;
}

class RecordReader {
  readonly #bytes: Buffer;
  readonly #batch: BatchFacts;
  /** Headers of the last record by their place: most of the next one's are the same and need no new text. */
  readonly #headers: ReadHeader[] = [];
  #at = 0;

  constructor(bytes: Buffer, batch: BatchFacts) {
    this.#bytes = bytes;
    this.#batch = batch;
  }

  /** Undefined for a record before `from`. */
  next(from: number): LogRecord | undefined {
    const length = this.#varint();
    const end = this.#at + length;
    this.#at += 1; // attributes, of which there are none
    const sinceFirstMs = this.#varlong();
    const offset = this.#batch.first + this.#varint();
    if (offset < from) {
      this.#at = end;
      return undefined;
    }
    const key = this.#slice();
    const value = this.#slice();
    const record = {
      topic: this.#batch.at.topic,
      partition: this.#batch.at.partition,
      offset,
      appendedAtMs: this.#batch.firstMs + (this.#batch.isAppendTime ? 0 : sinceFirstMs),
      key: key?.toString() ?? '',
      value,
      headers: this.#allHeaders(),
    };
    this.#at = end;
    return record;
  }

  #allHeaders(): Record<string, string> {
    const headers: Record<string, string> = {};
    const count = this.#varint();
    for (let index = 0; index < count; index += 1) {
      const header = this.#header(index);
      // A header that stands twice keeps its last value, as in an object.
      headers[header.name] = header.value;
    }
    return headers;
  }

  #header(index: number): ReadHeader {
    const last = this.#headers[index];
    const from = this.#at;
    if (last) {
      const to = from + last.to - last.from;
      if (this.#isSame(last.from, from, to)) {
        this.#at = to;
        return last;
      }
    }
    const name = this.#slice()?.toString() ?? '';
    const value = this.#slice()?.toString() ?? '';
    const header = { from, to: this.#at, name: last?.name === name ? last.name : name, value };
    this.#headers[index] = header;
    return header;
  }

  #isSame(earlier: number, from: number, to: number): boolean {
    if (to > this.#bytes.length) return false;
    for (let at = from, other = earlier; at < to; at += 1, other += 1) {
      if (this.#bytes[at] !== this.#bytes[other]) return false;
    }
    return true;
  }

  #slice(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return (value >>> 1) ^ -(value & 1);
    }
  }

  /** Exact up to 2^53. */
  #varlong(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    }
  }
}
