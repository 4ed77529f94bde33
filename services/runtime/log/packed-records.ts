// Records on their way to the thread that writes. Columns instead of objects, and all values in one buffer that changes hands: cloning
// objects costs more than writing them, and cloning a Buffer would copy the whole pool it is cut from.
import type { WireRecord } from '../../../schemas/wire.ts';

export interface PackedRecords {
  appendedAtMs: number;
  partitionIds: number[];
  keys: string[];
  /** JSON. */
  headers: string[];
  /** Length of each value in `bytes`; `tombstone` for none. */
  lengths: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

export const tombstone = -1;

export function packRecords(
  records: readonly WireRecord[],
  partitionIds: number[],
  appendedAtMs: number,
): PackedRecords {
  const lengths = records.map((record) => record.value?.byteLength ?? tombstone);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(length, 0), 0));
  let end = 0;
  for (const { value } of records) {
    if (value === null) continue;
    bytes.set(value, end);
    end += value.byteLength;
  }
  return {
    appendedAtMs,
    partitionIds,
    keys: records.map((record) => record.key),
    headers: records.map((record) => JSON.stringify(record.headers)),
    lengths,
    bytes,
  };
}
