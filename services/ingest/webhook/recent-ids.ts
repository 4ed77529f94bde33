// The ids that were kept a short while ago, so that Oura's retries cost nothing. Bounded: what it has forgotten is appended again and
// de-duplicated downstream by `ce_id`. An id enters only after the log has its event durably.

export interface RecentIds {
  has(id: string): boolean;
  add(id: string): void;
}

/**
 * Remembers the last `capacity` ids at least, and twice as many at most: a full generation replaces the one before it. Taking the oldest out of one set
 * would have to step over the places of all that were taken out before.
 */
export function createRecentIds(capacity: number): RecentIds {
  let current = new Set<string>();
  let previous = new Set<string>();
  return {
    has: (id) => current.has(id) || previous.has(id),
    add(id) {
      current.add(id);
      if (current.size < capacity) return;
      previous = current;
      current = new Set();
    },
  };
}
