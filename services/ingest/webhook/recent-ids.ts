// The ids that were kept a short while ago, so that Oura's retries cost nothing. Bounded: what it has forgotten is appended again and
// de-duplicated downstream by `ce_id`. An id enters only after the log has its event durably.

export interface RecentIds {
  has(id: string): boolean;
  add(id: string): void;
}

export function createRecentIds(capacity: number): RecentIds {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id);
      if (ids.size <= capacity) return;
      const oldest = ids.values().next();
      if (!oldest.done) ids.delete(oldest.value);
    },
  };
}
