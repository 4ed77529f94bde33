// What goes into the next send to Kafka, and when. Pure: from the records that wait, in order, as many as fit into one request, where the records of
// one partition become one batch that the broker bounds (`max.message.bytes`).

export interface SendSize {
  /** `<topic>/<partition>` of the record. */
  place: string;
  bytes: number;
}

/** Below the broker's default of 1,048,588, with room for a record's own frame. A larger single record goes alone. */
const maxBytesPerPartition = 900_000;
const maxBytesPerSend = 8 * 1024 * 1024;
const maxRecordsPerSend = 10_000;

/** How many of the first records go together; at least one when any waits. */
export function nextSendLength(waiting: readonly SendSize[]): number {
  const bytesByPlace = new Map<string, number>();
  let bytes = 0;
  for (const [index, each] of waiting.entries()) {
    const inPlace = (bytesByPlace.get(each.place) ?? 0) + each.bytes;
    bytes += each.bytes;
    const isFull = inPlace > maxBytesPerPartition || bytes > maxBytesPerSend || index >= maxRecordsPerSend;
    if (isFull && index > 0) return index;
    bytesByPlace.set(each.place, inPlace);
  }
  return waiting.length;
}

const longestGatherMs = 10;

/**
 * How long to wait at most for as many as were sent. Callers who were just answered ask again at once; without a moment for them they miss this send, wait for all of it,
 * and go with the one after: half of them each time. An append that finds nothing under way goes out at once, whatever this says.
 */
export function gatherMs({ tookMs, sent, waiting }: { tookMs: number; sent: number; waiting: number }): number {
  if (waiting === 0 || waiting >= sent) return 0;
  return Math.min(longestGatherMs, Math.floor(tookMs / 4));
}
