// Which partition a person's records go to. One function for every producer and every engine, so order per person holds and a log can
// be copied from one engine to another. FNV-1a over the UTF-8 bytes of the partition key, 32 bits.

const encoder = new TextEncoder();

export function partitionOf(partitionKey: string, partitionCount: number): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(partitionKey)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % partitionCount;
}
