// When a partition of the embedded log is worth compacting. Pure. A pass reads the keys of the whole partition, so it waits until the
// part not yet looked at has grown to half of what is kept: the work per record stays constant however long the log gets. A tombstone
// does not wait: who is erased is erased soon, and a day later their keys are gone too.

export interface PartitionState {
  /** Records from here on have not been looked at. */
  cleanedTo: number;
  /** Records before `cleanedTo`. */
  keptRecords: number;
  /** A tombstone was appended since the last pass. */
  hasNewTombstones: boolean;
  /** Tombstones before `cleanedTo` that were too young to go. */
  keepsTombstones: boolean;
  next: number;
}

const leastNewRecords = 1000;
const leastNewShare = 0.5;

export function isWorthCompacting({
  cleanedTo,
  keptRecords,
  hasNewTombstones,
  keepsTombstones,
  next,
}: PartitionState): boolean {
  if (keepsTombstones) return true;
  const newRecords = next - cleanedTo;
  // The last record is never removed: the next offset follows from it.
  if (newRecords <= 1) return false;
  return hasNewTombstones || newRecords >= Math.max(leastNewRecords, keptRecords * leastNewShare);
}

/** How long a tombstone itself stays, so that every reader has time to see it. As Kafka's `delete.retention.ms`. */
export const tombstoneRetentionMs = 24 * 60 * 60 * 1000;
