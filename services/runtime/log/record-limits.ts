// What every log refuses, so that a record taken by one engine can be copied to another. The sizes fit Kafka's default
// `max.message.bytes` of 1,048,588 with room for the record's own frame and the headers a dead letter adds.
import type { WireRecord } from '../../../schemas/wire.ts';
import { Failure } from '../failure.ts';

export const maxPayloadBytes = 1_000_000;
export const maxHeaderBytes = 40_000;

interface RecordSize {
  /** Key and value. */
  payloadBytes: number;
  headerBytes: number;
}

function recordSize({ key, value, headers }: WireRecord): RecordSize {
  let headerBytes = 0;
  for (const [name, text] of Object.entries(headers)) {
    headerBytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return { payloadBytes: Buffer.byteLength(key) + (value?.byteLength ?? 0), headerBytes };
}

/** The size of a record. @throws Failure `poison` when it is too large for any log */
export function checkRecordSize(record: WireRecord): RecordSize {
  const size = recordSize(record);
  const { payloadBytes, headerBytes } = size;
  if (payloadBytes > maxPayloadBytes) throw tooLarge(record, 'key and value', payloadBytes, maxPayloadBytes);
  if (headerBytes > maxHeaderBytes) throw tooLarge(record, 'headers', headerBytes, maxHeaderBytes);
  return size;
}

const tooLarge = (record: WireRecord, part: string, bytes: number, limit: number) =>
  new Failure('poison', `${record.topic}: the ${part} of a record take ${bytes} bytes, at most ${limit} are possible`);
