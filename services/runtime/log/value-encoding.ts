// How values lie in the embedded log: plain, or deflated where that pays; they come back byte for byte. Measured on Oura's documents
// (Node 24): raw deflate level 1 takes 22 µs and 68 % off a day of activity and inflates in 6–13 µs; zstd saves the same and inflates
// in 20 µs. Below 2 kB the time costs more than the bytes, since the large documents make up most of the file.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const plainValue = 0;
export const deflatedValue = 1;

export interface EncodedValue {
  encoding: number;
  value: Uint8Array | null;
}

const leastBytes = 2048;

export function encodeValue(value: Uint8Array | null): EncodedValue {
  if (value === null || value.byteLength < leastBytes) return { encoding: plainValue, value };
  const deflated = deflateRawSync(value, { level: 1 });
  // Random bytes do not shrink.
  return deflated.byteLength < value.byteLength * 0.9
    ? { encoding: deflatedValue, value: deflated }
    : { encoding: plainValue, value };
}

/** @throws Error when the bytes are damaged or were written by a newer version */
export function decodeValue({ encoding, value }: EncodedValue): Uint8Array | null {
  if (encoding === plainValue || value === null) return value;
  if (encoding === deflatedValue) return inflateRawSync(value);
  throw new Error(`a value of the log has the unknown encoding ${encoding}: was it written by a newer version?`);
}
